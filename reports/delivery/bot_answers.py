"""What the bot answers: the reports' own blocks and a customer's card, reckoned under the asking person's rights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reports.access import Scope
from reports.blocks import Column, Content, Figure, Kpi, Section, Table
from reports.compute import Block, compute
from reports.context import Context
from reports.delivery.telegram_text import Block as TextBlock
from reports.delivery.telegram_text import document_heading, section_block
from reports.figures.cash import CASH
from reports.figures.common import share
from reports.figures.customer_lists import pieces
from reports.figures.customers import SEGMENTS
from reports.figures.funnel import FUNNEL
from reports.figures.managers import MANAGERS
from reports.figures.receivables import RECEIVABLES
from reports.figures.revenue import REVENUE_DAY, REVENUE_MONTH, REVENUE_WEEK
from reports.periods import Period, PeriodKind, add_months, last_complete, parse_period, period_of
from reports.published import Published, Row

FOUND = 8
MONTHS = 12
ORDERS = 10


@dataclass(frozen=True)
class Topic:
    """A command that shows blocks for a period; `to_date`: by default the one under way, not the last that is over."""

    kind: PeriodKind
    blocks: tuple[Block, ...]
    to_date: bool = False


TOPICS: Mapping[str, Topic] = {
    "today": Topic("day", (REVENUE_DAY, REVENUE_MONTH, CASH, RECEIVABLES), to_date=True),
    "week": Topic("week", (REVENUE_WEEK,)),
    "funnel": Topic("month", (FUNNEL,)),
    "managers": Topic("day", (MANAGERS,)),
    "abc": Topic("day", (SEGMENTS,)),
}
# The funnel's cohorts and the managers' month run to as_of, so an earlier period would only be cut, not shown as it was then.
WITH_PERIODS = frozenset({"today", "week", "managers"})


@dataclass(frozen=True)
class Answer:
    """Blocks of text, and the periods that buttons lead to."""

    blocks: tuple[TextBlock, ...]
    periods: tuple[Period, ...] = ()


def topic_answer(command: str, published: Published, locale: str, scope: Scope, period_key: str = "") -> Answer:
    """The blocks of a command for a period, by default the last complete one, or that under way."""
    topic = TOPICS[command]
    as_of = published.publication.as_of_date
    latest = period_of(topic.kind, as_of) if topic.to_date else last_complete(topic.kind, as_of)
    period = parse_period(period_key, topic.kind) if period_key else latest
    period = min(period, latest, key=lambda one: one.start)
    context = Context.make(published, period, locale, scope)
    sections = [section for section in (compute(block, context) for block in topic.blocks) if section is not None]
    if period.end >= as_of:
        sections = [_unfinished(section, period.kind) for section in sections]
    blocks = (document_heading(context), *(section_block(section, context.words, context.form) for section in sections))
    if command not in WITH_PERIODS:
        return Answer(blocks)
    later = Period(period.kind, period.start)
    if period.start < latest.start:
        later = next_period(period)
    return Answer(blocks, (period.previous(), *((later,) if later != period else ())))


def _unfinished(section: Section, kind: PeriodKind) -> Section:
    """A period that is not over is not compared with whole ones."""
    contents = tuple(
        replace(
            content,
            figures=tuple(replace(one, comparisons=()) if one.name.endswith(f"_{kind}") else one for one in content.figures),
        )
        if isinstance(content, Kpi)
        else content
        for content in section.contents
    )
    return replace(section, contents=contents)


def next_period(period: Period) -> Period:
    """The period just after."""
    return Period(period.kind, period.end.fromordinal(period.end.toordinal() + 1))


def find_customers(published: Published, scope: Scope, text: str) -> list[Row]:
    """Customers by part of the name, tax id or phone, one more than are shown, so that a truncation can be told."""
    first, second, third = pieces(text)
    return published.query("customers/search", {"first": first, "second": second, "third": third, "limit": FOUND + 1}, scope)


def turnover_answer(published: Published, locale: str, scope: Scope, customer: Row) -> Answer:
    """A customer's turnover, tier and months."""
    context = _customer_context(published, locale, scope)
    words = context.words
    last = period_of("month", context.as_of).start
    params = {"customer": customer["customer_key"], "from_month": add_months(last, 1 - MONTHS), "to_month": last}
    rows = context.ask("card/turnover", params)
    if not rows:
        return _card(context, customer, Section("turnover", words.text("bot.turnover"), "empty", reason=words.text("bot.no_turnover")))
    row = rows[0]
    figures = [
        Figure("turnover_3m", words.text("bot.turnover_3m"), "money", row["turnover_3m"]),
        Figure("turnover_previous_3m", words.text("bot.turnover_previous"), "money", row["turnover_previous_3m"]),
        Figure("turnover_12m", words.text("bot.turnover_12m"), "money", row["turnover_12m"]),
        Figure("tier", words.text("bot.tier"), "text", row["tier_name"]),
        Figure("last_sale", words.text("bot.last_sale"), "date", row["last_sale_date"]),
    ]
    if row["next_tier_name"]:
        missing = words.text("bot.to_next_tier", tier=row["next_tier_name"])
        figures.insert(4, Figure("to_next_tier", missing, "money", row["to_next_tier"]))
    months = reversed(context.ask("card/months", params))
    columns = (Column("month", "", "text", "title"), Column("turnover", words.text("bot.turnover"), "money"))
    table = tuple((context.form.month(month["month"]), month["turnover"]) for month in months)
    contents: Sequence[Content] = (Kpi(tuple(figures)), Table("months", words.text("bot.by_month"), columns, table, shown=MONTHS))
    return _card(context, customer, Section("turnover", words.text("bot.turnover"), "ok", tuple(contents)))


def debt_answer(published: Published, locale: str, scope: Scope, customer: Row) -> Answer:
    """A customer's debts by due date, the overdue part, and the advance."""
    context = _customer_context(published, locale, scope)
    words = context.words
    params = {"customer": customer["customer_key"], "as_of": context.as_of}
    rows = context.ask("card/debts", params)
    advance = context.one("card/advance", params)["advance"]
    debt = sum(row["debt_base"] for row in rows)
    overdue = sum(row["debt_base"] for row in rows if row["due_date"] is not None and row["due_date"] < context.as_of)
    if not rows and not advance:
        return _card(context, customer, Section("debts", words.text("bot.debts"), "empty", reason=words.text("bot.no_debt")))
    part = share(overdue, debt)
    note = "" if part is None else words.text("note.of_debt", share=context.form.percent(part))
    figures = (
        Figure("debt", words.text("bot.debt"), "money", debt),
        Figure("overdue", words.text("bot.overdue"), "money", overdue, note=note, tone="warning" if overdue else "plain"),
        Figure("advance", words.text("bot.advance"), "money", advance),
    )
    columns = (Column("due", "", "text", "title"), Column("debt", words.text("bot.debt"), "money"))
    table = tuple((context.form.day(row["due_date"]), row["debt_base"]) for row in rows)
    contents: Sequence[Content] = (Kpi(figures), Table("orders", words.text("bot.by_order"), columns, table, shown=ORDERS))
    return _card(context, customer, Section("debts", words.text("bot.debts"), "ok", tuple(contents)))


def _customer_context(published: Published, locale: str, scope: Scope) -> Context:
    return Context.make(published, last_complete("day", published.publication.as_of_date), locale, scope)


def _card(context: Context, customer: Row, section: Section) -> Answer:
    name = " ".join(str(customer["customer_name"] or "").split()) or context.words.text("none.name")
    return Answer((document_heading(context, name), section_block(section, context.words, context.form)))
