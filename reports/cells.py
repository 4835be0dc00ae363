"""How a document's values are written out, the same for HTML and plain text."""

import re
from collections.abc import Sequence
from typing import Any

from reports.blocks import Column, Comparison, Table
from reports.formatting import MISSING, NO_BREAK_SPACE, Formatter

LONGEST_NAME = 60
FEWEST = 6
# On a phone of 360 px a section is 310 px wide; figures of 15 px type take 8.5 px, letters of names 8 px, a column's space 10 px.
PHONE, DIGIT, LETTER, GAP = 310, 8.5, 8.0, 10
LONGEST_WORD, LINES = 16, 1.8
_SPACES = re.compile(r"[^\S\u00a0]+")


def shortened(text: str, longest: int = LONGEST_NAME) -> str:
    """One line of bounded length; the whole name is in the workbook. Spaces that must not break stay."""
    text = _SPACES.sub(" ", text).strip()
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def cell(column: Column, value: Any, form: Formatter) -> str:
    """A cell as text."""
    written = form.value(column.kind, value)
    return shortened(written, column.longest) if column.kind == "text" else written


def details(table: Table, row: tuple[Any, ...], form: Formatter) -> str:
    """The small lines under a row's title: names as they are, numbers with their label, unknown ones left out; each sentence apart."""
    parts, sentences = [], []
    for column, value in zip(table.columns, row, strict=True):
        if column.place == "detail" and value is not None and value != "":
            written = cell(column, value, form)
            if column.longest > LONGEST_NAME:
                sentences.append(written)
            else:
                parts.append(written if column.kind == "text" else f"{column.label}: {written}".replace(" ", NO_BREAK_SPACE))
    return "\n".join(line for line in (" · ".join(parts), *sentences) if line)


def arrow(comparison: Comparison) -> str:
    """The direction as a sign, so that colour is never the only word."""
    if comparison.change is None:
        return ""
    if abs(comparison.change) < 0.005:
        return "="
    return "▲" if comparison.change > 0 else "▼"


def change_text(comparison: Comparison, form: Formatter) -> str:
    """How much: «+12 %», or «−5 п. п.» where the figure is a percentage itself."""
    if comparison.change is None:
        return MISSING
    if not comparison.points:
        return form.percent(comparison.change, sign=True)
    points = round(comparison.change * 100)
    return f"{'+' if points > 0 else ''}{form.number(points)}{NO_BREAK_SPACE}{comparison.points}"


def comparison_text(comparison: Comparison, form: Formatter) -> str:
    """A change such as «▲ +12 % к прошлому понедельнику»."""
    if comparison.change is None:
        return f"{MISSING} {comparison.label}"
    return f"{arrow(comparison)} {change_text(comparison, form)} {comparison.label}"


def shown_rows(table: Table, fewer: int) -> int:
    """How many rows a mail shows; `fewer` takes a sixth away each time the mail would be too long, down to three (5) and one (6)."""
    least = 3 if fewer < FEWEST else 1
    return min(len(table.rows), max(least, table.shown - table.shown * fewer // 6)) if table.shown else 0


def stacked(table: Table, fewer: int, form: Formatter) -> bool:
    """Whether a phone has no room for a name beside its values, so that the name gets a line of its own above them."""
    rows = table.rows[: shown_rows(table, fewer)]
    title = next((number for number, column in enumerate(table.columns) if column.place == "title"), None)
    if title is None or not rows:
        return False
    taken = _taken(table, rows, form)
    names = [cell(table.columns[title], row[title], form) for row in rows]
    # browsers break lines after a hyphen too
    longest = max((len(word) for name in names for word in name.replace("-", "- ").split()), default=0)
    room = (PHONE - taken) / LETTER
    tall = sum(len(name) > LINES * room for name in names)
    return room < min(max(longest, 10), LONGEST_WORD) or tall * 3 > len(names)


def tight(table: Table, fewer: int, form: Formatter) -> bool:
    """Whether the values alone are wider than a phone, so that they need smaller type."""
    return _taken(table, table.rows[: shown_rows(table, fewer)], form) > PHONE


def _taken(table: Table, rows: Sequence[tuple[Any, ...]], form: Formatter) -> float:
    return sum(_column_width(column, [cell(column, row[number], form) for row in rows]) for number, column in enumerate(table.columns))


def _column_width(column: Column, written: list[str]) -> float:
    """The narrowest a column of values can be: numbers and days stay on one line, words and headings break between words."""
    if column.place != "value":
        return 0.0
    pieces = written if column.kind not in ("text", "datetime") else [word for text in written for word in text.split(" ")]
    heading = max((len(word) for word in column.label.split(" ")), default=0)
    return GAP + max(DIGIT * max(map(len, pieces), default=0), LETTER * 0.9 * heading)


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
