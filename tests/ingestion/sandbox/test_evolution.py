"""A day in the company's life changes old records in every way an incremental load must notice."""

from __future__ import annotations

from collections import defaultdict

import pytest

from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.trade import CostCorrection, Order, Payment, RetailReceipt, Return, Shipment


@pytest.fixture(scope="module")
def before() -> Company:
    return build_company(scale=0.3)


@pytest.fixture(scope="module")
def after(before: Company) -> Company:
    return before.evolve()


@pytest.fixture(scope="module")
def changes(after: Company) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for change in after.changes:
        found[change.what].append(change.number)
    return found


def test_days_follow_each_other_the_same_way_each_time(before: Company, after: Company) -> None:
    assert before.evolve(2) == after.evolve()
    assert build_company(scale=0.3).evolve() == after


def test_a_day_passes_and_the_earlier_company_is_untouched(before: Company, after: Company) -> None:
    assert (after.today - before.today).days == 1
    assert after.step == before.step + 1
    assert repr(before) == repr(build_company(scale=0.3))


def test_new_records_are_later_or_back_dated_but_never_in_the_future(before: Company, after: Company) -> None:
    new = after.orders[len(before.orders) - 1 :]
    assert any(order.at < before.now for order in new)
    dated: tuple[Order | Shipment | Payment | RetailReceipt, ...] = (*after.orders, *after.shipments, *after.payments, *after.receipts)
    moments = [one.at for one in dated]
    moments += [one.updated_at for one in after.deals] + [one.started_at for one in after.calls]
    assert max(moments) < after.now


def test_a_shipment_is_posted_again_with_fewer_lines(before: Company, after: Company, changes: dict[str, list[int]]) -> None:
    for number in changes["shipment_fewer_lines"]:
        assert len(after.shipment[number].lines) == len(before.shipment[number].lines) - 1
    assert changes["shipment_fewer_lines"]


def test_a_shipment_moves_to_an_earlier_date(before: Company, after: Company, changes: dict[str, list[int]]) -> None:
    (number,) = changes["shipment_moved_back"]
    assert after.shipment[number].at < before.shipment[number].at


@pytest.mark.parametrize(
    ("what", "part"), [("shipment_unposted", "shipments"), ("order_unposted", "orders"), ("payment_unposted", "payments")]
)
def test_a_document_is_unposted(before: Company, after: Company, changes: dict[str, list[int]], what: str, part: str) -> None:
    (number,) = changes[what]
    was, now = ({one.number: one.is_posted for one in getattr(company, part)} for company in (before, after))
    assert was[number]
    assert not now[number]


@pytest.mark.parametrize("what", ["order_erased", "payment_erased", "return_erased"])
def test_a_document_is_erased(before: Company, after: Company, changes: dict[str, list[int]], what: str) -> None:
    part = what.split("_")[0] + "s"
    (number,) = changes[what]
    assert number in {one.number for one in getattr(before, part)}
    assert number not in {one.number for one in getattr(after, part)}


def test_deals_move_reopen_and_disappear(before: Company, after: Company, changes: dict[str, list[int]]) -> None:
    for number in changes["deal_moved"]:
        assert len(after.deal[number].entries) == len(before.deal[number].entries) + 1
        assert after.deal[number].updated_at >= before.now
    for number in changes["deal_reopened"]:
        assert (before.deal[number].status, after.deal[number].status) == ("lost", "open")
        assert after.deal[number].closed_at is None
    for number in changes["deal_deleted"]:
        assert after.deal[number].deleted_at is not None
    assert {after.deal[number].system for number in changes["deal_deleted"]} == {"amocrm", "bitrix24"}


def test_references_still_hold_after_many_days(before: Company) -> None:
    later = before.evolve(12)
    assert all(one.order is None or one.order in later.order for one in later.shipments)
    following: tuple[Return | CostCorrection, ...] = (*later.returns, *later.corrections)
    assert all(one.shipment in later.shipment for one in following)
    assert all(split.order is None or split.order in later.order for one in later.payments for split in one.splits)
    for things in (later.orders, later.shipments, later.payments, later.deals, later.leads, later.calls, later.tasks):
        numbers = [one.number for one in things]
        assert len(numbers) == len(set(numbers))
