"""A customer's orders that are not over: how they are to be paid stage by stage, and the papers that went out with them."""

from collections.abc import Sequence

from reports.blocks import Content
from reports.context import Context
from reports.figures.common import name_or
from reports.figures.deal_card import STAGE_HEADINGS, stage_rows
from reports.figures.tables import Heading, headed

QUESTIONS = ("card/open_orders", "card/order_deals", "deal/payment_stages", "deal/papers")


def open_orders(customer: str, context: Context) -> Sequence[Content]:
    """Open orders with their deals; their payment stages, the open ones first; shipments and returns."""
    words = context.words
    found = [dict(row) for row in context.ask("card/open_orders", {"customer": customer, "as_of": context.as_of})]
    if not found:
        return []
    asked = {"orders": [row["order_key"] for row in found], "as_of": context.as_of}
    deals = context.ask("card/order_deals", {"deals": [row["deal_key"] for row in found if row["deal_key"]]})
    deal_names = {row["deal_key"]: row["deal_name"] for row in deals}
    by_key = {row["order_key"]: row for row in found}
    stages = stage_rows(context, context.ask("deal/payment_stages", asked), by_key)
    stages.sort(key=lambda row: not row["is_open"])
    papers = [
        {
            **row,
            "what": words.text("paper.return" if row["is_return"] else "paper.shipment"),
            "order": by_key[row["order_key"]]["order_number"],
        }
        for row in context.ask("deal/papers", asked)
    ]
    told = [
        {
            **row,
            "deal": name_or(context, deal_names.get(row["deal_key"]), "none.deal"),
            "state": words.choice("order_status", row["order_status"]),
        }
        for row in found
    ]
    headings: tuple[Heading, ...] = (
        ("order_number", "column.order", "text", "title"),
        ("order_date", "column.date", "date", "detail"),
        ("deal", "column.deal", "text", "detail"),
        ("state", "column.state", "text", "value"),
        ("amount_base", "column.amount", "money", "value"),
        ("shipped_base", "column.shipped", "money", "value"),
        ("paid_base", "column.paid", "money", "value"),
        ("source_url", "column.link", "text", "workbook"),
    )
    documents: tuple[Heading, ...] = (
        ("document_number", "column.document", "text", "title"),
        ("order", "column.order", "text", "detail"),
        ("what", "column.kind", "text", "value"),
        ("sale_date", "column.date", "date", "value"),
        ("revenue", "column.amount", "money", "value"),
    )
    return [
        headed(context, "card_orders", headings, told, shown=6),
        headed(context, "card_stages", STAGE_HEADINGS, stages, title=words.text("title.payment_stages"), shown=6),
        headed(context, "card_papers", documents, papers, title=words.text("title.papers"), shown=4),
    ]
