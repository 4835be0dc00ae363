"""Files to sheets of cells: workbooks through calamine, csv in the encodings and with the separators that are met."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.errors import PermanentError
from ingestion.formats.encodings import text_encoding
from ingestion.sources.spreadsheet.cells import Cell, Sheet, tidy

if TYPE_CHECKING:
    import fastexcel

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
_SEPARATORS = (";", "\t", ",", "|")
_SAMPLE = 256 * 1024


def workbook_sheets(data: bytes, where: str) -> list[Sheet]:
    """Every sheet of a workbook, in its order.

    Raises:
        PermanentError: it is no workbook, or is protected by a password.
    """
    import fastexcel  # 20 MiB with polars, which every process that reads skvoz.toml would hold

    try:
        book = fastexcel.read_excel(data)
        return [_sheet(book, name) for name in book.sheet_names]
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0]
        message = f"{where}: this is no readable workbook ({reason}); save it again as xlsx without a password."
        raise PermanentError(message) from None


def _sheet(book: fastexcel.ExcelReader, name: str) -> Sheet:
    import polars as pl

    texts = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars().rows()
    # asked for booleans, calamine gives a value for number cells and none for text and dates: so the type of each cell is known
    numbers = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="boolean").to_polars().rows()
    # a large number read as a date may lie beyond the year 9999, which Python has no date for: only whether there is one matters
    dates = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="datetime").to_polars().select(pl.all().is_not_null()).rows()
    rows: list[tuple[int, list[Cell]]] = []
    for number, (text_row, number_row, date_row) in enumerate(zip(texts, numbers, dates, strict=True), start=1):
        cells = [
            _cell(text, is_number is not None, is_date) for text, is_number, is_date in zip(text_row, number_row, date_row, strict=True)
        ]
        rows.append((number, cells))
    return Sheet(name, rows)


def _cell(text: str | None, is_number: bool, is_date: bool) -> Cell:
    if text is None:
        return Cell("")
    if is_number and text not in {"true", "false"}:
        return Cell(text, "number")
    return Cell(tidy(text), "date" if is_date and not is_number else "text")


def csv_sheets(data: bytes) -> list[Sheet]:
    """A csv file read with each separator that may be meant, the likeliest first."""
    text = decoded(data)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's own hint
        return [_csv(rest, first.strip()[4], begin=1)]
    likely = sorted(_SEPARATORS, key=lambda sign: -sum(line.count(sign) > 0 for line in text.splitlines()[:30]))
    return [_csv(text, sign) for sign in likely if sign in text] or [_csv(text, ";")]


def decoded(data: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-8 if it is valid, else cp1251, or cp866 where that reads better."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(text_encoding(data[:_SAMPLE], "cp1251", not_utf8=True), "replace")


def _csv(text: str, separator: str, *, begin: int = 0) -> Sheet:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[tuple[int, list[Cell]]] = []
    number = begin + 1
    for row in reader:
        rows.append((number, [Cell(tidy(value)) for value in row]))
        number = begin + reader.line_num + 1
    return Sheet("", rows)


def sheets_of(path: Path, data: bytes, where: str) -> list[Sheet]:
    """The sheets of a file by its ending, or by its first bytes where the ending lies."""
    if path.suffix.lower() in WORKBOOKS or data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return workbook_sheets(data, where)
    return csv_sheets(data)
