"""Small things that several blocks share: changes against other periods, and sums of what is known."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from reports.blocks import Comparison
from reports.context import Context
from reports.periods import add_months


def change(value: Any, base: Any) -> float | None:
    """Growth as a share; None when either is unknown or the base is not positive."""
    if value is None or base is None or base <= 0:
        return None
    return float(value) / float(base) - 1


def share(part: Any, whole: Any) -> float | None:
    """A ratio; None without a denominator."""
    if part is None or not whole:
        return None
    return float(part) / float(whole)


def period_comparisons(context: Context, value: Any, question: str, column: str, *, growth_is_good: bool = True) -> tuple[Comparison, ...]:
    """A period's figure against the one before and a year earlier; a day against its weekday a week and 52 weeks earlier."""
    period, words = context.period, context.words
    value = context.known(value)
    if period.kind == "day":
        labels = (words.text(f"compare.weekday_{period.start.weekday()}"), words.text("compare.weekday_last_year"))
    else:
        labels = (words.text(f"compare.previous_{period.kind}"), words.text(f"compare.{period.kind}_last_year"))
    bases = (context.one(question, context.between(base.start, base.end))[column] for base in (period.week_before(), period.last_year()))
    return tuple(Comparison(label, change(value, base), growth_is_good) for label, base in zip(labels, bases, strict=True))


def month_to_date(context: Context) -> tuple[date, date]:
    """From the first of the period's month to the period's last day."""
    return context.month.start, context.period.end


def earlier_days(context: Context, months: int) -> tuple[date, date]:
    """The same stretch of a month some months earlier; a whole month is compared with a whole month."""
    first, last = month_to_date(context)
    start = add_months(first, -months)
    if last == context.month.end:
        return start, add_months(start, 1) - timedelta(days=1)
    return start, add_months(last, -months)


def month_comparisons(context: Context, value: Any, question: str, column: str, *, growth_is_good: bool = True) -> tuple[Comparison, ...]:
    """A month-to-date figure against the same days a month and a year earlier; a whole month against whole ones."""
    words = context.words
    value = context.known(value)
    labels = (words.text("compare.same_days_previous_month"), words.text("compare.same_days_last_year"))
    if context.period.end == context.month.end:
        labels = (words.text("compare.previous_month"), words.text("compare.month_last_year"))
    bases = (context.one(question, context.between(*earlier_days(context, months)))[column] for months in (1, 12))
    return tuple(Comparison(label, change(value, base), growth_is_good) for label, base in zip(labels, bases, strict=True))


def name_or(context: Context, name: Any, key: str) -> str:
    """A name, or the words for its absence; a blank name is an absence too."""
    text = " ".join(str(name or "").split())
    return text or context.words.text(key)


def known_sum(values: Any) -> Any:
    """The sum of the known values, None if none is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def whole_of(rows: Sequence[Mapping[str, Any]], column: str) -> Any:
    """A sum that a question gives on each of its rows, for it may list fewer than it sums; None without a row."""
    return rows[0][column] if rows else None
