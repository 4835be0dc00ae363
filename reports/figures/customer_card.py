"""One customer's card: what it brings, how far the next tier is, what to offer now, what it owes, and what was talked of."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from reports.blocks import Chart, Column, Comparison, Content, Figure, Kpi, Progress, Table
from reports.charts_by_month import months_of_money
from reports.compute import Block
from reports.context import Context
from reports.figures import customer_orders
from reports.figures.common import known_sum, name_or, share, whole_of
from reports.figures.revenue import STREAMS
from reports.figures.tables import Heading, headed, named
from reports.formatting import Kind
from reports.periods import add_months
from reports.published import Row

MONTHS_DRAWN = 18
ROWS_AT_FIRST = 6
# What a customer took in the months of its turnover is what an offer goes with.
LATELY_MONTHS = 3
TOGETHER_ROWS = 8
FACTS: tuple[tuple[str, str, Kind], ...] = (
    ("manager_name", "column.manager", "text"),
    ("phone", "column.phone", "text"),
    ("email", "column.email", "text"),
    ("tax_id", "column.tax_id", "text"),
    ("customer_type", "column.customer_type", "text"),
    ("city", "column.city", "text"),
    ("channel", "column.channel", "text"),
    ("lifecycle", "column.lifecycle", "text"),
    ("classes", "column.classes", "text"),
    ("rfm_segment", "column.rfm", "text"),
    ("first_sale_date", "column.first_sale_date", "date"),
    ("revenue_base", "column.revenue_ever", "money"),
)


def card_blocks(customer: str) -> tuple[Block, ...]:
    """The card's blocks for a customer_key."""

    def block(
        name: str, build: Callable[[str, Context], Sequence[Content]], questions: tuple[str, ...], *, optional: bool = False
    ) -> Block:
        return Block(name, partial(build, customer), questions, STREAMS, optional=optional)

    return (
        block("card_turnover", turnover, ("card/turnover", "card/months")),
        block("card_who", who, ("card/customer", "card/links")),
        block("card_offer", offer, ("card/gaps", "card/stock", "card/last_prices"), optional=True),
        block("card_together", together, ("card/bought", "card/together", "card/stock"), optional=True),
        block("card_debts", debts, ("card/debts", "card/advance")),
        block("card_deals", deals, ("card/deals",)),
        block("card_orders", customer_orders.open_orders, customer_orders.QUESTIONS, optional=True),
        block("card_purchases", purchases, ("card/purchases",)),
        block("card_calls", calls, ("card/calls",)),
        block("card_claims", claims, ("card/claims",), optional=True),
    )


def turnover(customer: str, context: Context) -> Sequence[Content]:
    """Turnover of three months with its tier, and the months one by one."""
    words, form = context.words, context.form
    rows = context.ask("card/turnover", {"customer": customer})
    if not rows:
        return []
    row = rows[0]
    before = Comparison(words.text("compare.previous_3m"), row["turnover_change"])
    tier = Progress(_done(row["turnover_3m"], row["to_next_tier"]), None, _next_tier(context, row["next_tier_name"], row["to_next_tier"]))

    def figure(name: str, kind: Kind, note: str = "", progress: Progress | None = None, comparisons: tuple[Comparison, ...] = ()) -> Figure:
        label, definition = words.text(f"figure.card_{name}"), words.text(f"define.card_{name}")
        return Figure(name, label, kind, row[name], definition, note, comparisons, progress)

    discount = words.text("note.discount", share=form.percent(row["tier_discount"])) if row["tier_discount"] else ""
    silent = words.count("plural.days_ago", row["days_since_last_sale"]) if row["days_since_last_sale"] is not None else ""
    figures = (
        figure("turnover_3m", "money", comparisons=(before,)),
        figure("tier_name", "text", discount, tier),
        figure("turnover_3_full_months", "money"),
        figure("leaving_next_month", "money"),
        figure("turnover_12m", "money"),
        figure("average_sale_3m", "money"),
        figure("last_sale_date", "date", silent),
    )
    last = context.as_of.replace(day=1)
    first = add_months(last, 1 - MONTHS_DRAWN)
    months = [add_months(first, number) for number in range(MONTHS_DRAWN)]
    found = {month["month"]: month for month in context.ask("card/months", {"customer": customer, "from_month": first, "to_month": last})}
    amounts = [found[month]["turnover"] if month in found else 0 for month in months]
    title = words.text("title.card_months")
    label = words.text("column.turnover")
    told = "; ".join(f"{form.month(month)}: {form.money(amount)}" for month, amount in zip(months, amounts, strict=True))
    chart = Chart(
        "card_months", title, lambda theme: months_of_money(months, [(label, amounts)], form, theme, 290), f"{title}. {told}", 290
    )
    return [Kpi(figures, lead=True), chart]


def _done(turnover_3m: object, missing: object) -> float | None:
    return share(turnover_3m, known_sum((turnover_3m, missing))) if missing is not None else 1.0


def _next_tier(context: Context, name: str | None, missing: object) -> str:
    if name is None:
        return context.words.text("note.top_tier")
    return context.words.text("note.to_next_tier", tier=name, amount=context.form.value("money", missing))


def who(customer: str, context: Context) -> Sequence[Content]:
    """Who it is, who manages it, how it is classed, and its cards in the systems."""
    words = context.words
    known = named(context, context.ask("card/customer", {"customer": customer}))
    if not known:
        return []
    row = known[0]
    told: dict[str, str | None] = {name: words.choice(name, row[name]) for name in ("customer_type", "lifecycle")}
    told["classes"] = "".join(value for value in (row["abc_class"], row["xyz_class"]) if value) or None
    told["rfm_segment"] = words.choice("rfm", row["rfm_segment"])
    facts = {**row, **told}
    figures = tuple(Figure(f"card_{name}", words.text(word), kind, facts[name]) for name, word, kind in FACTS)
    cards = [
        {
            **link,
            "source": words.source(link["source"]),
            "card": f"{link['source']} · {link['source_customer_id']}",
            "rule": words.choice("match", link["match_rule"]),
        }
        for link in context.ask("card/links", {"customer": customer})
    ]
    headings: tuple[Heading, ...] = (
        ("source", "column.source", "text", "title"),
        ("rule", "column.match_rule", "text", "value"),
        ("card", "column.card", "text", "workbook"),
        ("source_url", "column.link", "text", "workbook"),
    )
    return [Kpi(figures), headed(context, "card_links", headings, cards, title=words.text("title.card_links"), shown=4)]


def offer(customer: str, context: Context) -> Sequence[Content]:
    """Usual goods that are missing now, with what the warehouses hold and what was paid last."""
    gaps = context.ask("card/gaps", {"customer": customer})
    products = [row["product_key"] for row in gaps]
    stock = _stock(context, products)
    asked = {"customer": customer, "as_of": context.as_of, "products": products}
    prices = {row["product_key"]: row["price"] for row in context.ask("card/last_prices", asked)}
    rows = [
        {
            **row,
            "product_name": name_or(context, row["product_name"], "none.name"),
            "stock": None if row["is_service"] else stock.get(row["product_key"], 0),
            "price": prices.get(row["product_key"]),
            "days_overdue": max(row["days_overdue"] or 0, 0),
        }
        for row in gaps
    ]
    headings: tuple[Heading, ...] = (
        ("product_name", "column.product", "text", "title"),
        ("sku", "column.sku", "text", "detail"),
        ("stock", "column.quantity", "integer", "value"),
        ("price", "column.last_price", "money", "value"),
        ("usual_quantity", "column.usual_quantity", "integer", "value"),
        ("days_overdue", "column.days_late", "days", "value"),
        ("last_sale_date", "column.last_sale_date", "date", "workbook"),
        ("expected_revenue", "column.expected_revenue", "money", "value"),
    )
    return [headed(context, "card_offer", headings, rows, note=context.words.text("define.basket_gaps"))]


def _stock(context: Context, products: Sequence[str]) -> dict[str, Any]:
    """What all warehouses together hold, by product_key; a product that none has is not in it."""
    return {row["product_key"]: row["quantity"] for row in context.ask("card/stock", {"products": products})}


def together(customer: str, context: Context) -> Sequence[Content]:
    """Goods that others take with what this customer takes, and that it does not buy: what else to offer."""
    asked = {"customer": customer, "as_of": context.as_of, "year_ago": add_months(context.as_of, -12)}
    bought = {row["product_key"]: row["last_sale_date"] for row in context.ask("card/bought", asked)}
    lately = [product for product, day in bought.items() if day > add_months(context.as_of, -LATELY_MONTHS)]
    best: dict[str, Row] = {}
    for row in context.ask("card/together", {"products": lately}):
        if row["product_key"] not in bought:
            best.setdefault(row["product_key"], row)
    found = list(best.values())[:TOGETHER_ROWS]
    stock = _stock(context, [row["product_key"] for row in found])
    rows = [
        {
            **row,
            "product_name": name_or(context, row["product_name"], "none.name"),
            "to_product_name": name_or(context, row["to_product_name"], "none.name"),
            "stock": None if row["is_service"] else stock.get(row["product_key"], 0),
        }
        for row in found
    ]
    headings: tuple[Heading, ...] = (
        ("product_name", "column.product", "text", "title"),
        ("sku", "column.sku", "text", "detail"),
        ("to_product_name", "column.goes_with", "text", "value"),
        ("confidence", "column.confidence", "percent", "value"),
        ("stock", "column.quantity", "integer", "value"),
    )
    return [headed(context, "card_together", headings, rows, note=context.words.text("define.together"))]


def debts(customer: str, context: Context) -> Sequence[Content]:
    """What it owes by order, and its advance."""
    words = context.words
    rows = [
        {
            **row,
            "order_number": name_or(context, row["order_number"], "none.order"),
            "overdue_days": max((context.as_of - row["due_date"]).days, 0) if row["due_date"] else None,
        }
        for row in context.ask("card/debts", {"customer": customer, "as_of": context.as_of})
    ]
    overdue = whole_of(rows, "overdue_all")
    advance = context.one("card/advance", {"customer": customer})["advance"]
    figures = (
        Figure("card_debt", words.text("figure.debt"), "money", whole_of(rows, "debt_all"), words.text("define.debt")),
        Figure(
            "card_overdue",
            words.text("figure.debt_overdue"),
            "money",
            overdue,
            words.text("define.debt_overdue"),
            tone="bad",
        ),
        Figure("card_advance", words.text("figure.advances"), "money", advance, words.text("define.advances")),
    )
    columns = (
        Column("order", words.text("column.order"), "text", "title"),
        Column("order_date", words.text("column.date"), "date", "detail"),
        Column("debt", words.text("column.debt"), "money"),
        Column("due_date", words.text("column.due_date"), "date"),
        Column("overdue_days", words.text("column.overdue_days"), "days", warn_above=0),
        Column("source_url", words.text("column.link"), "text", "workbook"),
    )
    names = ("order_number", "order_date", "debt_base", "due_date", "overdue_days", "source_url")
    return [Kpi(figures), Table("card_debts", "", columns, tuple(tuple(row[name] for name in names) for row in rows))]


def deals(customer: str, context: Context) -> Sequence[Content]:
    """Deals with their stages, open ones first."""
    words = context.words
    rows = [
        {**row, "state": row["stage_name"] if row["deal_status"] == "open" else words.text(f"deal_status.{row['deal_status']}")}
        for row in named(context, context.ask("card/deals", {"customer": customer}))
    ]
    headings: tuple[Heading, ...] = (
        ("deal_name", "column.deal", "text", "title"),
        ("pipeline_name", "column.pipeline", "text", "detail"),
        ("manager_name", "column.manager", "text", "detail"),
        ("state", "column.stage", "text", "value"),
        ("amount_base", "column.amount", "money", "value"),
        ("created_at", "column.created", "datetime", "value"),
        ("deal_key", "column.deal_key", "text", "workbook"),
        ("source_url", "column.link", "text", "workbook"),
    )
    return [headed(context, "card_deals", headings, rows, shown=ROWS_AT_FIRST)]


def purchases(customer: str, context: Context) -> Sequence[Content]:
    """The last purchases and returns by document."""
    rows = context.ask("card/purchases", {"customer": customer, "as_of": context.as_of})
    headings: tuple[Heading, ...] = (
        ("document_number", "column.document", "text", "title"),
        ("sale_date", "column.date", "date", "value"),
        ("products", "column.products", "integer", "value"),
        ("revenue", "column.amount", "money", "value"),
    )
    return [headed(context, "card_purchases", headings, rows, shown=ROWS_AT_FIRST)]


def calls(customer: str, context: Context) -> Sequence[Content]:
    """The last calls, missed ones told."""
    words = context.words
    rows = [
        {**row, "what": words.text("call.missed") if row["is_missed"] else words.choice("call", row["direction"])}
        for row in named(context, context.ask("card/calls", {"customer": customer, "as_of": context.as_of}))
    ]
    headings: tuple[Heading, ...] = (
        ("started_at", "column.moment", "datetime", "title"),
        ("manager_name", "column.manager", "text", "detail"),
        ("what", "column.call", "text", "value"),
        ("talk_minutes", "column.talk_minutes", "number", "value"),
        ("callback_minutes", "column.callback_minutes", "integer", "workbook"),
    )
    return [headed(context, "card_calls", headings, rows, shown=ROWS_AT_FIRST)]


def claims(customer: str, context: Context) -> Sequence[Content]:
    """Claims and returns, unresolved ones first."""
    words = context.words
    rows = [
        {**row, "claim": words.choice("claim", row["claim_type"]), "reason": name_or(context, row["reason"], "none.reason")}
        for row in context.ask("card/claims", {"customer": customer, "as_of": context.as_of})
    ]
    headings: tuple[Heading, ...] = (
        ("claim", "column.claim", "text", "title"),
        ("reason", "column.reason", "text", "detail"),
        ("registered_date", "column.date", "date", "value"),
        ("resolved_date", "column.resolved", "date", "value"),
        ("amount_base", "column.amount", "money", "value"),
    )
    return [headed(context, "card_claims", headings, rows)]
