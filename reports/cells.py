"""How a document's values are written out, the same for HTML and plain text."""

from typing import Any

from reports.blocks import Column, Comparison, Table
from reports.formatting import MISSING, NO_BREAK_SPACE, Formatter

LONGEST_NAME = 60


def shortened(text: str, longest: int = LONGEST_NAME) -> str:
    """One line of bounded length; the whole name is in the workbook."""
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def cell(column: Column, value: Any, form: Formatter) -> str:
    """A cell as text."""
    written = form.value(column.kind, value)
    return shortened(written) if column.kind == "text" else written


def details(table: Table, row: tuple[Any, ...], form: Formatter) -> str:
    """The small line under a row's title: names as they are, numbers with their label, unknown ones left out."""
    parts = []
    for column, value in zip(table.columns, row, strict=True):
        if column.place == "detail" and value is not None and value != "":
            written = cell(column, value, form)
            parts.append(written if column.kind == "text" else f"{column.label}: {written}".replace(" ", NO_BREAK_SPACE))
    return " · ".join(parts)


def arrow(comparison: Comparison) -> str:
    """The direction as a sign, so that colour is never the only word."""
    if comparison.change is None:
        return ""
    if abs(comparison.change) < 0.005:
        return "="
    return "▲" if comparison.change > 0 else "▼"


def comparison_text(comparison: Comparison, form: Formatter) -> str:
    """A change such as «▲ +12 % к прошлому понедельнику»."""
    if comparison.change is None:
        return f"{MISSING} {comparison.label}"
    return f"{arrow(comparison)} {form.percent(comparison.change, sign=True)} {comparison.label}"


def shown_rows(table: Table, fewer: int) -> int:
    """How many rows a mail shows; `fewer` (0 to 5) takes a sixth away each time the mail would be too long."""
    return min(len(table.rows), max(3, table.shown - table.shown * fewer // 6)) if table.shown else 0


def row_count(table: Table, fewer: int, words: Any, form: Formatter, *, attached: bool) -> str:
    """The sentence that states a truncation, empty when all rows are shown."""
    shown = shown_rows(table, fewer)
    if shown == len(table.rows):
        return ""
    key = "frame.shown_of_attached" if attached else "frame.shown_of"
    text: str = words.text(key, shown=form.number(shown), total=form.number(len(table.rows)))
    return text


def width(part: Any, whole: Any) -> int:
    """A bar's width in whole percent: 0 for nothing, at least 1 for something, at most 100."""
    if not part or not whole or float(part) <= 0 or float(whole) <= 0:
        return 0
    return max(1, min(100, round(100 * float(part) / float(whole))))
