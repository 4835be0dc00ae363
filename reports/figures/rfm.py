"""RFM segments of customers: how many each has and what it brings, and the customers of one."""

from collections.abc import Sequence
from functools import partial

from reports.blocks import Content
from reports.compute import Block
from reports.context import Context
from reports.figures.common import known_sum, share
from reports.figures.customer_lists import KEY, MANAGER, NAME, PHONE
from reports.figures.revenue import STREAMS
from reports.figures.tables import PAGE_ROWS, Heading, headed, named

NEEDS = ("fct_sales",)


def segments(context: Context) -> Sequence[Content]:
    """Every segment that has customers, by what they bring."""
    words = context.words
    found = context.ask("customers/rfm")
    whole = known_sum(row["revenue"] for row in found)
    rows = [
        {
            **row,
            "segment": words.choice("rfm", row["rfm_segment"]),
            "revenue_share": share(row["revenue"], whole),
            "key": row["rfm_segment"],
        }
        for row in found
    ]
    headings: tuple[Heading, ...] = (
        ("segment", "column.rfm", "text", "title"),
        ("customers", "column.customers", "integer", "value"),
        ("revenue", "column.revenue_12m", "money", "value"),
        ("revenue_share", "column.revenue_share", "percent", "value"),
        ("recency_days", "column.recency_median", "days", "value"),
        ("rfm_segment", "column.item_key", "text", "workbook"),
    )
    return [headed(context, "rfm_segments", headings, rows, shown=20, note=words.text("define.rfm"))]


def members(segment: str, context: Context) -> Sequence[Content]:
    """The customers of a segment with their scores, the largest first."""
    rows = [
        {**row, "scores": f"{row['r_score']}-{row['f_score']}-{row['m_score']}"}
        for row in named(context, context.ask("customers/of_rfm_segment", {"rfm_segment": segment, "limit": PAGE_ROWS}))
    ]
    headings: tuple[Heading, ...] = (
        NAME,
        MANAGER,
        ("scores", "column.rfm_scores", "text", "value"),
        ("recency_days", "column.days_since_last_sale", "days", "value"),
        ("frequency", "column.purchase_days", "integer", "value"),
        ("monetary", "column.revenue_12m", "money", "value"),
        PHONE,
        KEY,
    )
    return [headed(context, "rfm_members", headings, rows, title=context.words.choice("rfm", segment), shown=20)]


SEGMENTS = Block("list_rfm", segments, ("customers/rfm",), STREAMS, needs=NEEDS)


def members_block(segment: str) -> Block:
    """The block of one segment's customers."""
    return Block("rfm_members", partial(members, segment), ("customers/of_rfm_segment",), STREAMS)
