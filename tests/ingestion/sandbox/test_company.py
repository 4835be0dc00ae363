"""The sandbox company is the same for the same seed, plausible, dirty where life is, and grows with the scale."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from ingestion.sandbox.clock import MOSCOW
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.generate.words import LOOK_ALIKES
from ingestion.sandbox.people import Card
from ingestion.sandbox.sales import IncomingLead, Task
from ingestion.sandbox.trade import Claim, Order, Payment, RetailReceipt, Return, Shipment


def test_the_same_seed_gives_the_same_company_byte_for_byte(small: Company) -> None:
    assert repr(build_company(scale=0.1)) == repr(small)


def test_another_seed_gives_another_company(small: Company) -> None:
    assert build_company(seed=2, scale=0.1).orders != small.orders


@pytest.mark.parametrize(("scale", "days"), [(0, 548), (-1, 548), (1, 30)])
def test_an_impossible_size_is_refused(scale: float, days: int) -> None:
    with pytest.raises(ValueError, match="use a positive scale"):
        build_company(scale=scale, history_days=days)


@pytest.mark.parametrize("scale", [0.004, 0.02])
def test_a_tiny_company_still_has_something_of_everything(scale: float) -> None:
    company = build_company(scale=scale)
    for name in ("customers", "deals", "orders", "shipments", "returns", "payments", "calls", "leads", "receipts", "reports", "claims"):
        assert getattr(company, name), name


def test_counts_grow_with_the_scale(small: Company) -> None:
    twice = build_company(scale=0.2)
    for name in ("customers", "deals", "orders", "shipments", "receipts", "calls"):
        assert 1.6 < len(getattr(twice, name)) / len(getattr(small, name)) < 2.4, name


def test_nothing_in_the_history_is_later_than_now(small: Company) -> None:
    moments = [deal.updated_at for deal in small.deals] + [entry.at for deal in small.deals for entry in deal.entries]
    papers: tuple[Order | Shipment | Return, ...] = (*small.orders, *small.shipments, *small.returns)
    moments += [one.at for one in papers]
    money: tuple[Payment | RetailReceipt | Claim, ...] = (*small.payments, *small.receipts, *small.claims)
    moments += [one.at for one in money]
    made: tuple[IncomingLead | Task | Card, ...] = (*small.leads, *small.tasks, *small.cards)
    moments += [one.started_at for one in small.calls] + [one.created_at for one in made]
    assert max(moments) < small.now
    assert all(moment.tzinfo is MOSCOW for moment in moments)
    assert small.now.date() == small.today == date(2026, 3, 31)


def test_weekends_are_quiet_and_business_grows(small: Company) -> None:
    by_weekday = Counter(one.at.weekday() for one in small.orders)
    assert (by_weekday[5] + by_weekday[6]) * 4 < by_weekday[0] + by_weekday[1]
    years = Counter(one.at.year for one in small.orders if one.at.month in (1, 2, 3))
    assert years[2026] > years[2025]


def test_stage_histories_lead_to_where_the_deals_stand(small: Company) -> None:
    kinds = {(one.system, one.id, stage.id): stage.kind for one in small.pipelines for stage in one.stages}
    for deal in small.deals:
        last = deal.entries[-1]
        assert (last.pipeline_id, last.stage_id) == (deal.pipeline_id, deal.stage_id)
        assert deal.entries[0].at == deal.created_at
        assert [entry.at for entry in deal.entries] == sorted(entry.at for entry in deal.entries)
        kind = kinds[deal.system, deal.pipeline_id, deal.stage_id]
        assert deal.status == (kind if kind in ("won", "lost") else "open")
        assert (deal.closed_at is None) == (deal.status == "open")


def test_references_between_records_hold(small: Company) -> None:
    for order in small.orders:
        assert ("onec", "partner", order.partner) in small.card
        assert small.card["onec", "counterparty", order.counterparty].parent == order.partner
        assert small.card["onec", "partner", order.partner].customer == order.customer
    for deal in small.deals:
        cards = [(deal.system, "contact", one) for one in deal.contact_cards]
        cards += [(deal.system, "company", deal.company_card)] if deal.company_card else []
        assert {small.card[card].customer for card in cards} <= {deal.customer}
    assert all(shipment.order is None or shipment.order in small.order for shipment in small.shipments)
    assert all(back.shipment in small.shipment for back in small.returns)
    assert all(split.order is None or split.order in small.order for one in small.payments for split in one.splits)
    assert all(sum(split.amount for split in one.splits) == one.amount for one in small.payments)


def test_partial_shipments_give_what_was_ordered(small: Company) -> None:
    by_order: dict[int, list[int]] = {}
    for shipment in small.shipments:
        if shipment.order and shipment.is_posted:
            by_order.setdefault(shipment.order, []).append(shipment.number)
    parted = [number for number, shipments in by_order.items() if len(shipments) == 2]
    assert parted
    for number in parted:
        ordered = sum(line.quantity for line in small.order[number].lines if not line.is_cancelled)
        given = sum(line.quantity for one in by_order[number] for line in small.shipment[one].lines)
        assert ordered == given


def test_the_dirt_of_life_is_there() -> None:
    company = build_company(scale=0.3)
    assert any(card.duplicate_of for card in company.cards_of("onec"))
    assert any(card.duplicate_of for card in company.cards_of("amocrm"))
    several = Counter(card.customer for card in company.cards if card.parent is None or card.system == "onec")
    assert any(count > 2 for count in several.values())
    assert any(order.deal is None for order in company.orders)
    ordered = {order.deal for order in company.orders}
    assert any(deal.status == "won" and deal.number not in ordered for deal in company.deals)
    assert {order.currency for order in company.orders} == {"RUB", "EUR", "USD"}
    assert any(not one.is_posted for one in company.shipments)
    assert any(one.is_marked for one in company.orders)
    assert any(len(one.splits) == 2 for one in company.payments)
    assert any(one.splits[0].order is None and one.operation == "customer_payment" for one in company.payments)
    assert any(one.operation == "customer_refund" for one in company.payments)
    assert any(line.is_cancelled for order in company.orders for line in order.lines)
    assert any(set(deal.origin.utm_source) & set(LOOK_ALIKES.values()) for deal in company.deals)
    assert any(deal.origin.campaign and not deal.origin.utm_source for deal in company.deals)
    assert any(call.direction == "internal" for call in company.calls)
    assert any(len({entry.pipeline_id for entry in deal.entries}) == 2 for deal in company.deals)
    assert {lead.status for lead in company.leads if lead.system == "amocrm"} == {"open", "converted", "lost"}
    shared = Counter(phone for customer in company.customers for phone in customer.phones)
    assert max(shared.values()) > 1


def test_contacts_and_companies_share_numbers(small: Company) -> None:
    for system in ("amocrm", "bitrix24"):
        ids = {kind: {card.id for card in small.cards_of(system) if card.kind == kind} for kind in ("company", "contact")}
        assert ids["company"] & ids["contact"], system
