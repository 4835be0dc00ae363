"""Spreadsheets that people keep: xlsx, csv and their relatives, one stream per configured source.

A stream is a picture of its files: each time something changed in them all rows are read again and what is no longer there is deleted.
A file with the same size and time, or the same content, asks nothing. Cursor: {"mark": of the settings, "files": {path: [size, mtime in
ns, sha256]}}. Payload: logical names with normalised text (ISO dates, decimals with a point), `_file`, `_sheet`, `_row`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import orjson
from pydantic import Field, model_validator

from ingestion.errors import PermanentError
from ingestion.sources.spreadsheet.cells import BadCellError, Sheet
from ingestion.sources.spreadsheet.columns import LAYOUTS, Layout
from ingestion.sources.spreadsheet.crosstab import unfolded
from ingestion.sources.spreadsheet.sheets import sheets_of
from ingestion.sources.spreadsheet.tables import Fault, Habits, Heading, Reading, find_heading, read_sheet
from ingestion.spec import Context, Extraction, Page, Record, Source, SourceOptions, Stream

_PARSER = 2  # raise it when the same file gives other records
_NOTES = 20  # bad rows named one by one for each file; all of them are kept beside the stream
_MONTHS_FIRST = frozenset({"US", "PH", "FM", "PW"})

StreamName = Literal["campaign_costs", "plans", "discount_tiers", "customer_matches", "exchange_rates", "products"]


class SpreadsheetOptions(SourceOptions):
    """`[sources.<name>]` of type spreadsheet; `sheet` is a name or a number from 1."""

    path: str = Field(description="a file or a pattern such as input/costs-*.xlsx")
    stream: StreamName = Field(description="what the rows are")
    sheet: str | int | None = Field(default=None, description="its name, or its number from 1; default the first with the columns")
    columns: dict[str, str] = Field(default_factory=dict, description="our column names and your headings, where they differ")
    defaults: dict[str, str] = Field(default_factory=dict, description="values for rows without that column")
    decimal_mark: Literal[",", "."] | None = Field(default=None, description="settles numbers like 1,234 that can be read as two")

    @model_validator(mode="after")
    def _known_columns(self) -> Self:
        known = {column.name for column in LAYOUTS[self.stream].columns}
        unknown = sorted({*self.columns, *self.defaults} - known)
        if unknown:
            message = f"{self.stream} has no columns {', '.join(unknown)}; it has {', '.join(sorted(known))}"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class _File:
    """A file found: its path, its name for people, and [size, mtime in ns]."""

    path: Path
    name: str
    stat: list[int]


class SpreadsheetConnector:
    """The files of one configured source.

    Args:
        options: of the source.
        context: of the source.
    """

    def __init__(self, options: SpreadsheetOptions, context: Context) -> None:
        self._options = options
        self._context = context
        self._layout: Layout = LAYOUTS[options.stream]
        self._habits = Habits(options.columns, options.defaults, options.decimal_mark, context.country not in _MONTHS_FIRST)

    def check(self) -> str:
        """How many rows the files hold, and how many of them are bad."""
        good = bad = 0
        files = self._files()
        for file in files:
            _, reading = self._read(file, self._bytes(file))
            good += len(reading.records)
            bad += len(reading.faults)
        return f"{len(files)} files, {good} rows of {self._options.stream}, {bad} bad rows."

    def close(self) -> None:
        """Nothing is held open."""

    def extract(self, request: Extraction) -> Iterator[Page]:
        """All rows of all files, if anything in them changed."""
        files = self._files()
        mark = hashlib.sha256(orjson.dumps([_PARSER, self._options.model_dump()], option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
        before = request.cursor if request.cursor and request.cursor.get("mark") == mark and request.mode == "refresh" else None
        seen: Mapping[str, Any] = before["files"] if before else {}
        if before and seen.keys() == {file.name for file in files} and all(seen[file.name][:2] == file.stat for file in files):
            return
        data = {file.name: self._bytes(file) for file in files}
        prints = {file.name: [*file.stat, hashlib.sha256(data[file.name]).hexdigest()] for file in files}
        cursor = {"mark": mark, "files": prints}
        if before and {name: entry[2] for name, entry in seen.items()} == {name: entry[2] for name, entry in prints.items()}:
            yield Page(cursor=cursor)
            return
        # every file is read before anything is given, so that an unreadable one leaves what is known untouched
        pages = [self._page(file, *self._read(file, data[file.name])) for file in files]
        if not any(page.records for page in pages) and any(page.rejected for page in pages):
            message = f"{self._context.source}: every row of {', '.join(data)} is bad, nothing was changed; see the rows named above."
            raise PermanentError(message)
        yield from pages
        yield Page(cursor=cursor, complete=True)

    def _files(self) -> list[_File]:
        pattern = Path(self._options.path).expanduser()
        base = self._context.base_dir
        absolute = pattern if pattern.is_absolute() else base / pattern
        if absolute.is_file():
            found = [absolute]
        else:
            anchor = Path(absolute.anchor)
            found = sorted(path for path in anchor.glob(str(absolute.relative_to(anchor))) if path.is_file())
        found = [path for path in found if not path.name.startswith(("~$", ".~lock", "."))]  # an open workbook's lock files
        if not found:
            message = f"{self._context.source}: there is no file {self._options.path}; put it there or correct path in skvoz.toml."
            raise PermanentError(message)
        files = []
        for path in found:
            stat = path.stat()
            name = str(path.relative_to(base)) if path.is_relative_to(base) else path.name if len(found) == 1 else str(path)
            files.append(_File(path, name, [stat.st_size, stat.st_mtime_ns]))
        return files

    def _bytes(self, file: _File) -> bytes:
        try:
            return file.path.read_bytes()
        except OSError as error:
            message = f"{file.name}: the file cannot be read ({error.strerror}); let the user that runs skvoz read it."
            raise PermanentError(message) from None

    def _read(self, file: _File, data: bytes) -> tuple[str, Reading]:
        """The chosen sheet's name and rows; the first sheet that has the columns unless `sheet` names one."""
        sheets = self._chosen(sheets_of(file.path, data, file.name), file)
        found = self._headed(sheets)
        by_month = not found and any(column.kind == "month" for column in self._layout.columns)
        if by_month:
            found = self._headed(self._unfolded(sheets, file))
        if not found:
            raise PermanentError(self._no_heading(file, sheets))
        named = len({sheet.name for sheet, _ in found}) > 1
        if named:
            others = ", ".join(sheet.name for sheet, _ in found[1:])
            self._context.note(f"{file.name}: sheet {found[0][0].name} is read; {others} look alike, choose with sheet in skvoz.toml.")
            sheet, heading = found[0]
        else:  # one csv read with several separators: the one that finds most columns is meant
            sheet, heading = max(found, key=_columns_found)
        return sheet.name, read_sheet(sheet, heading, self._layout, self._habits, by_month=by_month)

    def _headed(self, sheets: list[Sheet]) -> list[tuple[Sheet, Heading]]:
        return [(sheet, heading) for sheet in sheets if (heading := find_heading(sheet, self._layout, self._habits)) is not None]

    def _unfolded(self, sheets: list[Sheet], file: _File) -> list[Sheet]:
        try:
            return [sheet for one in sheets if (sheet := unfolded(one, file.path.stem)) is not None]
        except BadCellError as problem:
            message = f"{file.name}: {problem}."
            raise PermanentError(message) from None

    def _chosen(self, sheets: list[Sheet], file: _File) -> list[Sheet]:
        wanted = self._options.sheet
        if wanted is None or all(not sheet.name for sheet in sheets):
            return sheets
        chosen = [sheet for number, sheet in enumerate(sheets, start=1) if wanted in (sheet.name, number)]
        if not chosen:
            message = f"{file.name}: there is no sheet {wanted}; it has {', '.join(sheet.name for sheet in sheets)}."
            raise PermanentError(message)
        return chosen

    def _no_heading(self, file: _File, sheets: list[Sheet]) -> str:
        required = ", ".join(f"{column.name} ({', '.join(column.names[:3])})" for column in self._layout.columns if column.required)
        widest = max(
            (cells for sheet in sheets[:1] for _, cells in sheet.rows[:40]), key=lambda row: sum(bool(c.text) for c in row), default=[]
        )
        example = ', for instance metric = "revenue"' if any(column.kind == "metric" for column in self._layout.columns) else ""
        there = ", ".join(f"«{cell.text}»" for cell in widest if cell.text)[:300] or "nothing"
        return (
            f"{file.name}: no heading row with the columns {required} was found; there is {there}. Name your headings in "
            f"[sources.{self._context.source}.columns], or give one value for all rows in "
            f"[sources.{self._context.source}.defaults]{example}."
        )

    def _page(self, file: _File, sheet: str, reading: Reading) -> Page:
        records = [
            Record(f"{file.name}:{sheet}:{row}" + (f":{part}" if part else ""), payload | _place(file, sheet, row))
            for row, part, payload in reading.records
        ]
        for fault in reading.faults[:_NOTES]:
            self._context.note(_told(file, sheet, fault))
        if reading.faults:
            rows = len({row for row, _, _ in reading.records})
            self._context.note(f"{file.name}: {rows} rows read, {len(reading.faults)} bad rows left out.")
        rejected = [({"cells": fault.cells, **_place(file, sheet, fault.row)}, _told(file, sheet, fault)) for fault in reading.faults]
        return Page(records, rejected=rejected)


def _columns_found(found: tuple[Sheet, Heading]) -> int:
    return len(found[1].places)


def _place(file: _File, sheet: str, row: int) -> dict[str, Any]:
    return {"_file": file.name, "_sheet": sheet, "_row": row}


def _told(file: _File, sheet: str, fault: Fault) -> str:
    where = f"sheet {sheet}, " if sheet else ""
    return f"{file.name}, {where}row {fault.row}, column {fault.column}: {fault.reason}."


def connect(options: SpreadsheetOptions, context: Context) -> SpreadsheetConnector:
    """A connector for these options; no file is touched yet."""
    return SpreadsheetConnector(options, context)


_LOADS = "whole file when it changed; rows gone from it are deleted"
STREAMS = (
    Stream("campaign_costs", _LOADS, ("fct_campaign_costs", "marketing_roi"), snapshot=True),
    Stream("plans", _LOADS, ("revenue_plan_months", "plan_fact"), snapshot=True),
    Stream("discount_tiers", _LOADS, ("customer_turnover",), snapshot=True),
    Stream("customer_matches", _LOADS, ("customer_links",), snapshot=True),
    Stream("exchange_rates", _LOADS, ("exchange_rates",), snapshot=True),
    Stream("products", _LOADS, ("dim_products",), snapshot=True),
)


def _active(options: SpreadsheetOptions) -> tuple[Stream, ...]:
    return tuple(stream for stream in STREAMS if stream.name == options.stream)


SOURCE = Source(
    type="spreadsheet",
    system="spreadsheet",
    title="Spreadsheets (xlsx, csv)",
    streams=STREAMS,
    options=SpreadsheetOptions,
    connect=connect,
    active_streams=_active,
    dbt_options=("stream",),
)
