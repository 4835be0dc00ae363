"""Campaigns, their costs, touches and what they brought, in every attribution model, against the truth."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from ingestion.sandbox.clock import wall
from ingestion.sandbox.sales import Deal
from tests.marts.comparing import assert_same_rows
from tests.marts.expected import MONEY, ZERO, Expected, cents, month
from tests.marts.expected_crm import ExpectedCrm, truncated
from tests.marts.keys import setting
from tests.marts.sandbox_warehouse import PublishedSandbox

# Russia's VAT: 20 % from 2019, 22 % from 2026; the advertising systems tell costs without it, marts hold them on the basis of the var
VAT = ((date(2026, 1, 1), Decimal("1.22")), (date(2019, 1, 1), Decimal("1.20")))
HALF_LIFE = 7.0
MODELS = ("first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay")
PLACE = ("month", "campaign_key", "attribution_model")
SUMS = ("impressions", "clicks", "cost", "leads", "deals_won", "new_customers", "revenue")
NEAR = 1e-6


def costs(crm: ExpectedCrm) -> pl.DataFrame:
    rows = []
    for one in crm.company.campaign_days:
        campaign = crm.company.campaign[one.campaign]
        factor = next(factor for begin, factor in VAT if one.day >= begin) if setting("marketing_includes_vat") else Decimal(1)
        clicks = one.clicks
        rows.append((one.day, crm.campaign_keys[campaign.number], campaign.channel, one.impressions, clicks, cents(one.cost * factor)))
    schema = {"cost_date": pl.Date, "campaign_key": pl.String, "channel": pl.String, "impressions": pl.Int64, "clicks": pl.Int64}
    return pl.DataFrame(rows, schema=schema | {"cost_base": MONEY}, orient="row")


def test_every_day_of_every_campaign_costs_what_it_cost(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    assert_same_rows(published_sandbox.mart("fct_campaign_costs"), costs(crm), ["cost_date", "campaign_key"])


def test_campaigns_with_their_channels(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    rows = [(crm.campaign_keys[one.number], one.channel, one.name) for one in published_sandbox.company.campaigns]
    paid = {one.campaign for one in published_sandbox.company.campaign_days}
    wanted = pl.DataFrame(
        [row for row, one in zip(rows, published_sandbox.company.campaigns, strict=True) if one.number in paid],
        schema=["campaign_key", "channel", "campaign_name"],
        orient="row",
    )
    found = published_sandbox.mart("dim_campaigns")
    assert_same_rows(found.filter(~pl.col("campaign_key").str.starts_with("channel:")), wanted, ["campaign_key"])
    bare = found.filter(pl.col("campaign_key").str.starts_with("channel:"))
    assert (bare["campaign_key"] == "channel:" + bare["channel"]).all()


def test_touches_of_every_deal(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    """Known origins of the customer's deals and leads within 90 days; a lead of its deal's own origin is the deal's contact."""
    contacts: dict[str, list[tuple[str, str, datetime, str | None, str | None]]] = defaultdict(list)
    for deal in crm.keys.live_deals:
        campaign, channel = crm.origin(deal.origin)
        if channel is not None:
            contacts[str(crm.keys.deal_customer(deal))].append(
                ("deal", crm.keys.deal(deal), truncated(deal.created_at), channel, str(campaign))
            )
    rows = []
    for deal in crm.keys.live_deals:
        campaign, channel = crm.origin(deal.origin)
        own, customer = crm.keys.deal(deal), crm.keys.deal_customer(deal)
        begin = truncated(deal.created_at) - timedelta(days=90)
        end = truncated(deal.closed_at) if deal.closed_at else crm.company.now
        found = [one for one in contacts[str(customer)] if begin <= one[2] <= end] if customer else []
        found = found or [("deal", own, truncated(deal.created_at), channel, campaign)]
        for number, (kind, _, moment, touched, touched_campaign) in enumerate(sorted(found, key=lambda one: (one[2], one[1])), 1):
            rows.append((own, number, kind, customer, moment, touched, touched_campaign))
    names = ["deal_key", "touch_number", "touch_kind", "customer_key", "touched_at", "channel", "campaign_key"]
    found_touches = published_sandbox.mart("fct_touchpoints")
    wanted = pl.DataFrame(rows, schema={name: found_touches.schema[name] for name in names}, orient="row")
    assert_same_rows(found_touches, wanted, ["deal_key", "touch_number"])


def weights(touches: list[dict[str, Any]], model: str) -> list[Fraction]:
    """Shares of a deal's touches, in their order, as exact as they can be."""
    last = len(touches) - 1
    if model == "first_touch":
        raw = [Fraction(n == 0) for n in range(last + 1)]
    elif model == "last_touch":
        raw = [Fraction(n == last) for n in range(last + 1)]
    elif model == "last_non_direct":
        chosen = max((n for n, one in enumerate(touches) if one["channel"] not in ("direct", None)), default=last)
        raw = [Fraction(n == chosen) for n in range(last + 1)]
    elif model == "linear" or (last < 2 and model == "position_based"):
        raw = [Fraction(1)] * (last + 1)
    elif model == "position_based":
        raw = [Fraction(2, 5), *[Fraction(1, 5) / (last - 1)] * (last - 1), Fraction(2, 5)]
    else:
        end = touches[-1]["touched_at"]
        raw = [Fraction(2 ** -((end - one["touched_at"]).total_seconds() / 86_400 / HALF_LIFE)) for one in touches]
    return [one / sum(raw) for one in raw]


def share_of(whole: Decimal, share: Fraction) -> Decimal:
    return cents(whole * share.numerator / share.denominator)


def brought(expected: Expected, crm: ExpectedCrm) -> dict[tuple[str, date], dict[str, Any]]:
    """What each deal brought by month: sales linked to it, else its amount when it was won; wins; first sales of customers."""
    found: dict[tuple[str, date], dict[str, Any]] = defaultdict(
        lambda: {"deals_won": 0, "new_customers": 0, "revenue": ZERO, "gross_profit": None}
    )
    linked = expected.sales.filter(pl.col("deal_key").is_not_null(), pl.col("sale_date") <= expected.as_of)
    for (name, when), own in linked.group_by("deal_key", pl.col("sale_date").dt.month_start()):
        revenue = own["revenue_base"] if setting("marketing_includes_vat") else own["revenue_base"] - own["vat_base"]
        found[name, when].update(revenue=revenue.sum(), gross_profit=own["gross_profit_base"].sum())
    sold = set(linked["deal_key"])
    for deal in crm.keys.live_deals:
        if deal.status == "won" and deal.closed_at is not None:
            cell = found[crm.keys.deal(deal), month(wall(deal.closed_at).date())]
            cell["deals_won"] += 1
            if crm.keys.deal(deal) not in sold:
                cell["revenue"] += crm.funnel_amount(deal)
    firsts = (
        expected.known_sales.filter("is_sale").sort("sale_date", pl.col("deal_key").is_null(), "sale_key").group_by("customer_key").first()
    )
    for name, when in firsts.filter(pl.col("deal_key").is_not_null()).select("deal_key", "sale_date").iter_rows():
        found[name, month(when)]["new_customers"] += 1
    return found


def ratio(above: Decimal | float | None, below: Decimal | float) -> float | None:
    return None if above is None or not below else float(above) / float(below)


class Cells:
    """Figures by (month, campaign, model), summed as they come; profit stays unknown until some is known."""

    def __init__(self) -> None:
        self.found: dict[tuple[date, str | None, str], dict[str, Any]] = defaultdict(dict)

    def add(self, place: tuple[date, str | None, str], **figures: Any) -> None:
        for name, value in figures.items():
            self.found[place][name] = self.found[place].get(name, 0) + value

    def rows(self) -> list[dict[str, Any]]:
        """The mart's rows: all figures, the ratios, and only where something is not zero."""
        return [row for place, cell in self.found.items() if any((row := self._row(place, cell))[name] for name in SUMS)]

    @staticmethod
    def _row(place: tuple[date, str | None, str], cell: dict[str, Any]) -> dict[str, Any]:
        # shares are published to nine digits, and the ratios are those of the published figures
        row = dict(zip(PLACE, place, strict=True)) | {name: round(cell.get(name, 0), 9) for name in SUMS}
        cost, revenue = Decimal(row["cost"]), Decimal(row["revenue"])
        profit = cell.get("gross_profit", None if revenue else ZERO)
        row |= {"gross_profit": profit, "cost": cost, "revenue": revenue}
        row |= {"cpl": ratio(cost, row["leads"]), "cac": ratio(cost, row["new_customers"]), "roas": ratio(revenue, cost)}
        row |= {"romi_margin": ratio(None if profit is None else profit - cost, cost), "romi_revenue": ratio(revenue - cost, cost)}
        return row | {"cost_revenue_ratio": ratio(cost, revenue)}


def attribute(cells: Cells, touches: list[dict[str, Any]], when: date, cell: dict[str, Any], model: str) -> None:
    """Shares what a deal brought in a month among its touches; the cents left over go to the last one."""
    shares = weights(touches, model)
    given = [number for number, share in enumerate(shares) if share > 0]
    for figure in ("revenue", "gross_profit"):
        if cell[figure] is None:
            continue
        parts = {number: share_of(cell[figure], shares[number]) for number in given}
        parts[given[-1]] += cell[figure] - sum(parts.values(), ZERO)
        for number, part in parts.items():
            cells.add((when, touches[number]["campaign_key"], model), **{figure: part})
    for number in given:
        place = (when, touches[number]["campaign_key"], model)
        share = float(shares[number])
        cells.add(place, deals_won=cell["deals_won"] * share, new_customers=cell["new_customers"] * share)


def test_what_campaigns_brought_in_every_model(published_sandbox: PublishedSandbox, expected: Expected, crm: ExpectedCrm) -> None:
    touches: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in published_sandbox.mart("fct_touchpoints").sort("deal_key", "touch_number").iter_rows(named=True):
        touches[row["deal_key"]].append(row)
    leads = published_sandbox.mart("fct_leads").filter(pl.col("created_at") < crm.company.now.astimezone(UTC))
    leads = leads.select("created_at", "campaign_key")
    cells = Cells()
    for model in MODELS:
        for (name, when), cell in brought(expected, crm).items():
            attribute(cells, touches[name], when, cell, model)
        for moment, campaign in leads.iter_rows():
            cells.add((month(wall(moment).date()), campaign, model), leads=1.0)
        for day, campaign, _, impressions, clicks, cost in costs(crm).iter_rows():
            cells.add((month(day), campaign, model), impressions=impressions, clicks=clicks, cost=cost)
    rows = cells.rows()
    found = published_sandbox.mart("marketing_roi")
    types = {name: kind for name, kind in found.schema.items() if name in rows[0]}
    assert_same_rows(found, pl.DataFrame(rows, schema=types), PLACE, near=1e-6)
    assert set(found["attribution_model"]) == set(MODELS)


def test_every_model_sums_to_the_same_money(published_sandbox: PublishedSandbox, expected: Expected, crm: ExpectedCrm) -> None:
    facts = brought(expected, crm).values()
    revenue = sum((cell["revenue"] for cell in facts), ZERO)
    profit = sum((cell["gross_profit"] for cell in facts if cell["gross_profit"] is not None), ZERO)
    cost = published_sandbox.mart("fct_campaign_costs")["cost_base"].sum()
    sums = (
        published_sandbox.mart("marketing_roi")
        .group_by("attribution_model")
        .agg(pl.col("revenue", "gross_profit", "cost", "leads", "deals_won", "new_customers").sum())
    )
    assert sums.height == len(MODELS)
    won = sum(deal.status == "won" for deal in crm.keys.live_deals)
    for row in sums.iter_rows(named=True):
        assert (row["revenue"], row["gross_profit"], row["cost"]) == (revenue, profit, cost), row["attribution_model"]
        assert abs(row["deals_won"] - won) < NEAR
        assert row["leads"] == published_sandbox.mart("fct_leads").height


def test_a_channel_stands_where_a_campaign_is_unknown(published_sandbox: PublishedSandbox) -> None:
    found = published_sandbox.mart("marketing_roi")
    assert found.filter(pl.col("campaign_key").is_null() & pl.col("channel").is_not_null()).is_empty()
    assert found.filter(pl.col("campaign_key").is_not_null() & pl.col("channel").is_null()).is_empty()


def test_cohorts_grow_by_their_sales(published_sandbox: PublishedSandbox, expected: Expected, crm: ExpectedCrm) -> None:
    """Customers of a month's first deals and what they have bought since, whatever their channel."""
    first: dict[str, Deal] = {}
    for deal in sorted(crm.keys.live_deals, key=lambda one: (one.created_at, crm.keys.deal(one))):
        customer = crm.keys.deal_customer(deal)
        if customer is not None:
            first.setdefault(customer, deal)
    members: dict[date, int] = defaultdict(int)
    revenue: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for deal in first.values():
        members[crm.cohort(deal)] += 1
    for customer, day, value in expected.known_sales.select("customer_key", "sale_date", "revenue_base").iter_rows():
        if customer in first and day >= wall(first[customer].created_at).date():
            revenue[crm.cohort(first[customer])] += value
    last = published_sandbox.mart("cohort_roi").sort("months_since").group_by("cohort_month", "channel").last()
    found = last.group_by("cohort_month").agg(pl.col("customers", "revenue_cumulative").sum()).filter(pl.col("customers") > 0)
    rows = [(one, count, revenue[one]) for one, count in members.items()]
    assert_same_rows(found, pl.DataFrame(rows, schema=found.schema, orient="row"), ["cohort_month"])
