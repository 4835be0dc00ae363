"""The checks between the systems find what the truth says is wrong, and nothing else."""

from datetime import date

import polars as pl

from ingestion.sandbox import truth
from ingestion.sandbox.clock import wall
from tests.marts.expected import Expected
from tests.marts.expected_crm import ExpectedCrm
from tests.marts.keys import key
from tests.marts.sandbox_warehouse import PublishedSandbox


def found(published: PublishedSandbox, check: str, column: str) -> set[str]:
    """Keys that a check names."""
    return set(published.mart("reconciliation").filter(pl.col("check_name") == check)[column])


def test_money_that_names_no_order(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    loose = expected.payments.filter(pl.col("order_key").is_null(), pl.col("direction") == "in", pl.col("payment_date") <= expected.as_of)
    assert found(published_sandbox, "payment_without_order", "payment_key") == set(loose["payment_key"])
    assert loose.height > 0


def orders_and_deals(expected: Expected) -> tuple[dict[int, date], set[str]]:
    """Days of the orders that count and were not cancelled, by number; the deals that such an order belongs to."""
    rows = truth.orders(expected.company).filter(~pl.col("is_cancelled"), pl.col("order_date") <= expected.as_of)
    days = dict(rows.select("order", "order_date").iter_rows())
    return days, {str(expected.keys.deal_of_order(number)) for number in days if expected.keys.deal_of_order(number)}


def test_orders_that_no_deal_belongs_to(published_sandbox: PublishedSandbox, expected: Expected, crm: ExpectedCrm) -> None:
    days, _ = orders_and_deals(expected)
    first = min(wall(deal.created_at).date() for deal in crm.keys.live_deals)
    wanted = {key("order", number) for number, day in days.items() if day >= first and expected.keys.deal_of_order(number) is None}
    assert found(published_sandbox, "order_without_deal", "order_key") == wanted


def test_won_deals_that_the_books_know_nothing_of(published_sandbox: PublishedSandbox, expected: Expected, crm: ExpectedCrm) -> None:
    _, sold = orders_and_deals(expected)
    first = truth.orders(expected.company)["order_date"].min()
    assert isinstance(first, date)
    won = {crm.keys.deal(deal): wall(deal.closed_at).date() for deal in crm.keys.live_deals if deal.status == "won" and deal.closed_at}
    wanted = {name for name, day in won.items() if name not in sold and first <= day <= expected.as_of}
    assert found(published_sandbox, "won_deal_without_order", "deal_key") == wanted
    assert wanted


def test_missed_calls_that_nobody_returned(published_sandbox: PublishedSandbox) -> None:
    lost = truth.calls(published_sandbox.company).filter("is_lost").height
    checked = published_sandbox.mart("reconciliation").filter(pl.col("check_name") == "missed_call_not_returned")
    assert checked.height == lost > 0


def test_debts_past_their_term(published_sandbox: PublishedSandbox) -> None:
    overdue = published_sandbox.mart("receivables").filter(pl.col("overdue_days") > 0)
    assert found(published_sandbox, "shipped_not_paid", "order_key") == set(overdue["order_key"])
    amounts = published_sandbox.mart("reconciliation").filter(pl.col("check_name") == "shipped_not_paid")
    assert amounts["amount"].sum() == overdue["debt"].sum()


def test_deals_in_a_currency_without_a_rate(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    wanted = {crm.keys.deal(deal) for deal in crm.keys.live_deals if deal.amount and crm.amount_base(deal) is None}
    assert found(published_sandbox, "missing_exchange_rate", "deal_key") - {None} == wanted


def test_cards_that_somebody_entered_twice(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    """Every double of the truth that is not marked for deletion and shares a mark with the card it repeats."""
    company, keys = published_sandbox.company, expected.keys
    told = published_sandbox.mart("reconciliation").filter(pl.col("check_name") == "duplicate_customer")["issue_key"].to_list()
    cards = {(one.system, one.kind, one.id): one for one in company.cards}
    apart = {frozenset((match.left, match.right)) for match in company.matches if not match.is_same}
    wanted = []
    for card in company.cards:
        first = cards.get((card.system, card.kind, card.duplicate_of or 0))
        if first is None or card.is_deleted or first.is_deleted:
            continue
        shares = (
            set(card.phones) & set(first.phones) or set(card.emails) & set(first.emails) or (card.tax_id and card.tax_id == first.tax_id)
        )
        if shares and frozenset(((card.system, card.kind, card.id), (first.system, first.kind, first.id))) not in apart:
            wanted.append(":".join(keys.source_id(card)))
    assert [name for name in wanted if not any(name in issue for issue in told)] == []
    assert wanted


def test_the_months_and_balances_agree_with_the_registers_of_1c(published_sandbox: PublishedSandbox) -> None:
    """The sandbox's registers are right, so that a control total that differs is a fault of ours."""
    assert found(published_sandbox, "control_total_differs", "issue_key") == set()
    assert found(published_sandbox, "unknown_manager", "order_key") - {None} == set()


def test_a_plan_of_the_whole_company_needs_no_key(published_sandbox: PublishedSandbox) -> None:
    """Its rows say `company` and nothing else; told as not understood they put the whole plan under question."""
    assert not [issue for issue in found(published_sandbox, "contradictory_record", "issue_key") if "plan_not_understood" in issue]
    assert published_sandbox.mart("plan_fact").filter(pl.col("scope_kind") == "company").height > 0
