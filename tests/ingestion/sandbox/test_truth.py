"""The truth frames agree with each other and with the dataclasses counted another way."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingestion.sandbox import truth
from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_movements import debts, sale_movements
from ingestion.sandbox.trade import Return, Shipment


def test_the_sales_register_and_the_truth_agree(small: Company) -> None:
    own = {one.number for one in small.customers if one.organisation}
    rows = [one for one in sale_movements(small) if one.is_active and one.customer not in own]
    sales = truth.sales(small)
    assert sum((one.revenue for one in rows), Decimal(0)) == sales["revenue_base"].sum()
    assert sum((one.vat for one in rows), Decimal(0)) == sales["vat_base"].sum()
    assert sum((one.cost for one in rows), Decimal(0)) == sales["cost_base"].sum()
    assert sum((one.quantity for one in rows), Decimal(0)) == sales["quantity"].sum()


def test_months_add_up_to_all_sales(small: Company) -> None:
    assert sum(truth.monthly_revenue(small).values(), Decimal(0)) == truth.sales(small)["revenue_base"].sum()


def test_returns_are_negative_and_corrections_carry_cost_only(small: Company) -> None:
    sales = truth.sales(small)
    largest = sales.filter(pl.col("is_return"))["revenue_base"].max()
    assert isinstance(largest, Decimal)
    assert largest < 0
    closing = sales.filter(pl.col("document").str.starts_with("closing"))
    assert closing.height > 0
    assert closing["revenue_base"].abs().sum() == closing["quantity"].abs().sum() == 0


def test_debts_are_what_was_given_less_what_was_paid(small: Company) -> None:
    roubles = [one for one in debts(small) if one.currency == "RUB"]
    given = {"RUB": Decimal(0)}
    documents: tuple[tuple[Shipment | Return, int], ...] = (*((one, 1) for one in small.shipments), *((one, -1) for one in small.returns))
    for document, sign in documents:
        if document.is_posted and document.currency == "RUB":
            given["RUB"] += sign * sum((line.amount for line in document.lines), Decimal(0))
    paid = truth.payments(small).filter(pl.col("currency") == "RUB")["amount_base"].sum()
    assert isinstance(paid, Decimal)
    assert sum((one.amount for one in roubles), Decimal(0)) == given["RUB"] - paid


def test_unposted_documents_count_nowhere(small: Company) -> None:
    posted = {f"shipment:{one.number}" for one in small.shipments if one.is_posted}
    shipped = truth.sales(small).filter(pl.col("document").str.starts_with("shipment"))["document"]
    assert set(shipped) <= posted
    assert set(truth.orders(small)["order"]) == {one.number for one in small.orders if one.is_posted}


def test_a_won_deal_has_reached_every_stage_that_is_not_lost(small: Company) -> None:
    reached = truth.stages_reached(small)
    assert set(reached["deal"]) == set(truth.deals(small)["deal"])
    for deal in small.deals:
        stages = next(one.stages for one in small.pipelines if (one.system, one.id) == (deal.system, deal.pipeline_id))
        count = reached.filter(pl.col("deal") == deal.number).height
        assert count <= len([stage for stage in stages if stage.kind != "lost"])
        if deal.status == "won":
            assert count == len([stage for stage in stages if stage.kind != "lost"])


def test_missed_calls_are_returned_soon_late_and_never(small: Company) -> None:
    missed = truth.calls(small).filter(pl.col("is_missed"))
    assert set(missed["direction"]) == {"in"}
    soon = missed.filter(pl.col("callback_minutes") <= 24 * 60)
    assert not soon["is_lost"].any()
    assert missed.filter(pl.col("callback_minutes") > 24 * 60)["is_lost"].all()
    assert missed.filter(pl.col("callback_minutes").is_null() & pl.col("is_lost")).height > 0
    assert soon.height > missed.height / 3
