"""Numbers as people write them: 1 234,56 and 1,234.56, with currency signs, minus signs of accountants, non-breaking spaces.

A text that two conventions read differently (`1,234`, `50.000`) is refused, never guessed (feeds.md 3.4); a number cell of a workbook has
no such doubt.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from ingestion.sources.spreadsheet.cells import BadCellError, Cell, tidy

_AROUND = re.compile(r"(руб(лей|\.)?|р\.|rub|rur|usd|eur|kzt|тг\.?|₽|\$|€|₸|¥)", re.IGNORECASE)
_PLAIN = re.compile(r"\d+")
_GROUPED = re.compile(r"\d{1,3}( \d{3})+")


def decimal_of(cell: Cell, *, mark: str | None = None) -> Decimal:
    """The number in a cell.

    Args:
        cell: as read.
        mark: the decimal mark of this file, if the configuration says so; then nothing is in doubt.

    Raises:
        BadCellError: it is no number, or can be read as two.
    """
    if cell.kind == "number":
        return _decimal(cell.text, cell.text)
    text = tidy(_AROUND.sub("", cell.text)).replace("'", " ").replace("’", " ").replace("−", "-")
    negative = text.startswith("-") or text.endswith("-") or (text.startswith("(") and text.endswith(")"))
    number = _unsigned(tidy(text.strip("()-+")), cell.text, mark)
    return -number if negative else number


def integer_of(cell: Cell) -> int:
    """A whole number; groups of three are thousands whatever stands between them, for a part of a whole makes no sense here."""
    if cell.kind == "number":
        number = _decimal(cell.text, cell.text)
    else:
        text = tidy(cell.text)
        grouped = re.fullmatch(r"\d{1,3}([ .,']\d{3})+", text)
        number = Decimal(re.sub(r"\D", "", text)) if grouped else decimal_of(cell)
    if number != number.to_integral_value():
        message = f"«{cell.text}» is no whole number"
        raise BadCellError(message)
    return int(number)


def share_of(cell: Cell, *, percent: bool, mark: str | None = None) -> Decimal:
    """A share: 0.05, 5 % and 5 under a heading with % are the same; a bare 1 is refused, for it may be 1 % or everything.

    Args:
        cell: as read.
        percent: whether the heading says that the numbers are percents.
        mark: as in `decimal_of`.
    """
    signed = "%" in cell.text
    number = decimal_of(Cell(tidy(cell.text.replace("%", "")), cell.kind), mark=mark)
    if signed or (percent and (cell.kind == "text" or number >= 1)):
        return number / 100
    if number == 1:
        message = f"«{cell.text}» may be 1 % or 100 %; write it with a percent sign"
        raise BadCellError(message)
    return number / 100 if number > 1 else number


def _unsigned(text: str, shown: str, mark: str | None) -> Decimal:
    if mark is not None:
        other = "." if mark == "," else ","
        return _decimal(text.replace(" ", "").replace(other, "").replace(mark, "."), shown)
    last = max(text.rfind(","), text.rfind("."))
    if last < 0:
        return _whole(text, shown)
    sign, other = text[last], "." if text[last] == "," else ","
    before, after = text[:last], text[last + 1 :]
    if other in before:  # 1,234.56 or 1.234,56: the last sign is the decimal mark
        return _decimal(f"{_ungrouped(before, other, shown)}.{after}", shown)
    if sign in before:  # 1,234,567: the same sign twice separates thousands
        return _decimal(_ungrouped(text, sign, shown), shown)
    if len(after) == 3 and " " not in before and _PLAIN.fullmatch(before) and len(before) <= 3 and before.strip("0"):
        message = f"«{shown}» can be read as {before}.{after} or as {before}{after}; write it without a separator or with two decimals"
        raise BadCellError(message)
    return _decimal(f"{_whole(before, shown) if before else 0}.{after}", shown)


def _whole(text: str, shown: str) -> Decimal:
    if " " in text and not _GROUPED.fullmatch(text):
        message = f"«{shown}» is no number"
        raise BadCellError(message)
    return _decimal(text.replace(" ", ""), shown)


def _ungrouped(text: str, sign: str, shown: str) -> str:
    parts = re.split(rf"[{re.escape(sign)} ]", text)
    if not 1 <= len(parts[0]) <= 3 or any(len(part) != 3 for part in parts[1:]):
        message = f"«{shown}» is no number: its thousands are not in groups of three"
        raise BadCellError(message)
    return "".join(parts)


def _decimal(text: str, shown: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        message = f"«{shown}» is no number"
        raise BadCellError(message)
    return number
