"""Cells as text with what the file says of their type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        text: trimmed; "" is empty. A number in a workbook is written with a point, a date as ISO.
        kind: text (everything in a csv), number or date in a workbook.
    """

    text: str
    kind: Literal["text", "number", "date"] = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, or one csv file.

    Attributes:
        name: of the sheet; "" for csv.
        rows: (row number as a person sees it, its cells).
    """

    name: str
    rows: list[tuple[int, list[Cell]]]


class BadCellError(ValueError):
    """A cell that cannot be read; the message says why, for the person who wrote it."""


def tidy(text: str) -> str:
    """Text with every kind of space as one ordinary space, trimmed."""
    return _SPACES.sub(" ", text.replace("\ufeff", "")).strip()
