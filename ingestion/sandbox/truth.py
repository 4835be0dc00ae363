"""What is true of the company, as frames drawn straight from the dataclasses: what tests hold the marts against.

Nothing here passes through a system's records, a connector or SQL. Money is Decimal with two places in the company currency where the name
ends in _base; customers, managers, products, deals and orders are named by their numbers in the company. Everything is as of `company.now`.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl

from ingestion.sandbox.company import Company
from ingestion.sandbox.generate.chance import cents
from ingestion.sandbox.sales import Call, Deal
from ingestion.sandbox.trade import Return, Shipment

MONEY = pl.Decimal(18, 2)
QUANTITY = pl.Decimal(18, 3)
ZERO = Decimal(0)


def _outside(company: Company) -> set[int]:
    """Customers that are the company's own organisations: what is sold to them is no sale."""
    return {one.number for one in company.customers if one.organisation is not None}


def sales(company: Company) -> pl.DataFrame:
    """One row per line really sold or taken back, and per cost correction (quantity and revenue 0). Returns are negative.

    document: "shipment:N", "return:N", "receipt:N" (the shop's receipts, never the reports over them) or "closing:N". customer is None for
    the unnamed buyers of the shops.
    """
    own = _outside(company)
    rows: list[tuple[object, ...]] = []

    def add(kind: str, one: Shipment | Return, order: int | None, sign: int) -> None:
        deal = company.order[order].deal if order in company.order else None
        for line in one.lines:
            figures = (sign * line.quantity, sign * cents(line.amount * one.rate), sign * cents(line.vat * one.rate), sign * line.cost)
            who = (one.organisation, one.warehouse, one.customer, one.manager, line.product, order, deal)
            rows.append((f"{kind}:{one.number}", one.at.date(), *who, *figures, sign < 0))

    for shipment in company.shipments:
        if shipment.is_posted and shipment.customer not in own:
            add("shipment", shipment, shipment.order, 1)
    for back in company.returns:
        if back.is_posted and back.customer not in own:
            add("return", back, back.order, -1)
    for receipt in company.receipts:
        sign = -1 if receipt.is_return else 1
        for line in receipt.lines if receipt.is_posted else ():
            where = (receipt.organisation, receipt.warehouse, None, receipt.manager, line.product, None, None)
            figures = (sign * line.quantity, sign * line.amount, sign * line.vat, sign * line.cost)
            rows.append((f"receipt:{receipt.number}", receipt.at.date(), *where, *figures, receipt.is_return))
    for one in company.corrections:
        source = company.shipment.get(one.shipment)
        if source is not None and source.customer not in own:
            deal = company.order[source.order].deal if source.order in company.order else None
            who = (one.organisation, source.warehouse, source.customer, source.manager, one.product, source.order, deal)
            rows.append((f"closing:{one.number}", one.at.date(), *who, ZERO, ZERO, ZERO, one.cost, False))
    return pl.DataFrame(
        rows,
        schema={
            "document": pl.String,
            "sale_date": pl.Date,
            "organisation": pl.Int64,
            "warehouse": pl.Int64,
            "customer": pl.Int64,
            "manager": pl.Int64,
            "product": pl.Int64,
            "order": pl.Int64,
            "deal": pl.Int64,
            "quantity": QUANTITY,
            "revenue_base": MONEY,
            "vat_base": MONEY,
            "cost_base": MONEY,
            "is_return": pl.Boolean,
        },
        orient="row",
    )


def orders(company: Company) -> pl.DataFrame:
    """One row per order that counts (posted, not marked): amount in its currency and in the company's, shipped and paid by name."""
    shipped: dict[int, Decimal] = defaultdict(lambda: ZERO)
    paid: dict[int, Decimal] = defaultdict(lambda: ZERO)
    documents: list[tuple[Shipment | Return, int]] = [(one, 1) for one in company.shipments]
    documents += [(one, -1) for one in company.returns]
    for document, sign in documents:
        if document.is_posted and document.order:
            shipped[document.order] += sign * sum((line.amount for line in document.lines), ZERO)
    for row in payments(company).iter_rows(named=True):
        if row["order"] is not None:
            paid[row["order"]] += row["amount"] * (1 if row["direction"] == "in" else -1)
    rows = []
    for order in company.orders:
        if order.is_posted and not order.is_marked:
            total = sum((line.amount for line in order.lines if not line.is_cancelled), ZERO)
            base = cents(total * order.rate)
            who = (order.number, order.code, order.at.date(), order.customer, order.manager, order.deal, order.currency)
            rows.append((*who, total, base, shipped[order.number], paid[order.number], order.status == "cancelled"))
    return pl.DataFrame(
        rows,
        schema={
            "order": pl.Int64,
            "code": pl.String,
            "order_date": pl.Date,
            "customer": pl.Int64,
            "manager": pl.Int64,
            "deal": pl.Int64,
            "currency": pl.String,
            "amount": MONEY,
            "amount_base": MONEY,
            "shipped": MONEY,
            "paid": MONEY,
            "is_cancelled": pl.Boolean,
        },
        orient="row",
    )


def payments(company: Company) -> pl.DataFrame:
    """One row per split line of a customer's receipt or refund that counts: posted, conducted if a bank is in it, on the bank's day."""
    rows: list[tuple[object, ...]] = []
    for one in company.payments:
        if not one.is_posted or not one.is_conducted or one.operation not in ("customer_payment", "customer_refund"):
            continue
        direction = "in" if one.operation == "customer_payment" else "out"
        sign = 1 if direction == "in" else -1
        method = one.kind.partition("_")[0]
        for split in one.splits:
            base = sign * cents(split.amount * one.rate)
            when = one.bank_on or one.at.date()
            rows.append(
                (one.number, when, one.organisation, one.customer, split.order, split.amount, one.currency, base, method, direction)
            )
    return pl.DataFrame(
        rows,
        schema={
            "payment": pl.Int64,
            "payment_date": pl.Date,
            "organisation": pl.Int64,
            "customer": pl.Int64,
            "order": pl.Int64,
            "amount": MONEY,
            "currency": pl.String,
            "amount_base": MONEY,
            "method": pl.String,
            "direction": pl.String,
        },
        orient="row",
    )


def deals(company: Company) -> pl.DataFrame:
    """One row per deal that still exists. manager_at_close is who was responsible when it closed, else the present one."""
    rows = [
        (
            one.number,
            one.system,
            str(one.crm_id),
            one.pipeline_id,
            one.stage_id,
            one.status,
            one.customer,
            one.manager,
            _manager_at_close(one),
            one.origin.campaign,
            one.amount,
            one.currency,
            one.created_at,
            one.closed_at,
        )
        for one in company.deals
        if one.deleted_at is None
    ]
    return pl.DataFrame(
        rows,
        schema={
            "deal": pl.Int64,
            "system": pl.String,
            "crm_id": pl.String,
            "pipeline_id": pl.Int64,
            "stage_id": pl.String,
            "status": pl.String,
            "customer": pl.Int64,
            "manager": pl.Int64,
            "manager_at_close": pl.Int64,
            "campaign": pl.Int64,
            "amount": MONEY,
            "currency": pl.String,
            "created_at": pl.Datetime(time_zone="UTC"),
            "closed_at": pl.Datetime(time_zone="UTC"),
        },
        orient="row",
    )


def _manager_at_close(deal: Deal) -> int:
    after = [change for change in deal.manager_changes if deal.closed_at is not None and change.at > deal.closed_at]
    return after[0].before if after else deal.manager


def stages_reached(company: Company) -> pl.DataFrame:
    """One row per (deal, stage of its present pipeline) it has reached.

    A deal has reached every stage that is not lost up to the furthest it ever stood in there, the first at least, a won deal all of them.
    """
    rows = []
    pipelines = {(one.system, one.id): one for one in company.pipelines}
    for deal in company.deals:
        if deal.deleted_at is not None:
            continue
        alive = [stage for stage in pipelines[deal.system, deal.pipeline_id].stages if stage.kind != "lost"]
        place = {stage.id: index for index, stage in enumerate(alive)}
        entered = [place[entry.stage_id] for entry in deal.entries if entry.pipeline_id == deal.pipeline_id and entry.stage_id in place]
        furthest = len(alive) - 1 if deal.status == "won" else max(entered, default=0)
        rows += [(deal.number, deal.system, deal.pipeline_id, stage.id, index + 1) for index, stage in enumerate(alive[: furthest + 1])]
    schema = {"deal": pl.Int64, "system": pl.String, "pipeline_id": pl.Int64, "stage_id": pl.String, "position": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def calls(company: Company, callback_hours: int = 24) -> pl.DataFrame:
    """One row per call. A missed call was inbound and no person took it; it is lost when nobody talked with that phone within the hours."""
    answered: dict[str, list[datetime]] = defaultdict(list)
    for call in company.calls:
        if call.result == "answered" and call.direction != "internal":
            answered[call.phone].append(call.started_at)
    rows: list[tuple[object, ...]] = []
    for call in company.calls:
        missed = call.direction == "in" and call.result != "answered"
        callback = _callback_minutes(call, answered[call.phone]) if missed else None
        waited = company.now - call.started_at >= timedelta(hours=callback_hours)
        lost = missed and waited and (callback is None or callback > callback_hours * 60)
        rows.append((call.number, call.system, call.started_at, call.direction, call.manager, call.talk_seconds, missed, callback, lost))
    return pl.DataFrame(
        rows,
        schema={
            "call": pl.Int64,
            "system": pl.String,
            "started_at": pl.Datetime(time_zone="UTC"),
            "direction": pl.String,
            "manager": pl.Int64,
            "talk_seconds": pl.Int64,
            "is_missed": pl.Boolean,
            "callback_minutes": pl.Float64,
            "is_lost": pl.Boolean,
        },
        orient="row",
    )


def _callback_minutes(missed: Call, answered: list[datetime]) -> float | None:
    later = [moment for moment in answered if moment > missed.started_at]
    return (min(later) - missed.started_at).total_seconds() / 60 if later else None


def campaign_costs(company: Company) -> pl.DataFrame:
    """One row per campaign and day: cost without VAT."""
    rows = [
        (one.day, one.campaign, company.campaign[one.campaign].channel, one.impressions, one.clicks, one.cost)
        for one in company.campaign_days
    ]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "cost_date": pl.Date,
        "campaign": pl.Int64,
        "channel": pl.String,
        "impressions": pl.Int64,
        "clicks": pl.Int64,
        "cost_base": MONEY,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def monthly_revenue(company: Company) -> dict[date, Decimal]:
    """Net revenue with VAT by month of sale, in the company currency."""
    found: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for row in sales(company).select("sale_date", "revenue_base").iter_rows():
        found[row[0].replace(day=1)] += row[1]
    return dict(sorted(found.items()))
