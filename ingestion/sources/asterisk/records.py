"""Lines of Master.csv (asterisk cdr_csv.c): no heading, 16 columns, then uniqueid and userfield, then three more, as cdr.conf says."""

from __future__ import annotations

import csv
import re

from ingestion.feeds.documents import digest
from ingestion.feeds.faults import Fault
from ingestion.feeds.logs import Block
from ingestion.spec import JsonObject, Record

_FIRST = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end",
    "duration", "billsec", "disposition", "amaflags",
)  # fmt: skip
_LAST = ("peeraccount", "linkedid", "sequence")
_UNIQUEID = re.compile(r"\d{9,10}\.\d+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_START, _BILLSEC, _DURATION, _SEVENTEENTH = _FIRST.index("start"), _FIRST.index("billsec"), _FIRST.index("duration"), 16
# by the number of columns; 17 is told by the value: uniqueid or userfield
_NAMES: dict[int, tuple[str, ...]] = {
    16: _FIRST,
    18: (*_FIRST, "uniqueid", "userfield"),
    19: (*_FIRST, *_LAST),
    21: (*_FIRST, "uniqueid", "userfield", *_LAST),
}


def _names(row: list[str]) -> tuple[str, ...] | None:
    if len(row) in _NAMES:
        return _NAMES[len(row)]
    if len(row) in {17, 20}:
        one = "uniqueid" if _UNIQUEID.fullmatch(row[_SEVENTEENTH]) else "userfield"
        return (*_FIRST, one, *(_LAST if len(row) == 20 else ()))
    return None


class MasterCsv:
    """The format; every line stands for itself, so nothing is remembered.

    A record's key is a digest of its line: copies of it in files per account code, or in a rotated file, are the same record.
    """

    def read(self, lines: list[str], first: int) -> Block:
        """Records of lines. One csv reader over all of them, unless a quote that never closes makes it swallow lines."""
        try:
            rows = list(csv.reader(lines, strict=True))
        except csv.Error:
            rows = []
        block = Block()
        if len(rows) == len(lines):
            for number, (line, row) in enumerate(zip(lines, rows, strict=True), first):
                _take(block, number, line, row)
        else:
            for number, line in enumerate(lines, first):
                try:
                    row = next(csv.reader([line], strict=True), [])
                except csv.Error as error:
                    block.faults.append(Fault(f"line {number}", f"its quotes do not fit ({error})", line))
                else:
                    _take(block, number, line, row)
        return block

    def state(self) -> JsonObject:
        """Nothing."""
        return {}

    def restore(self, state: JsonObject) -> None:
        """Nothing."""


def _take(block: Block, number: int, line: str, row: list[str]) -> None:
    if not row:
        return
    names = _names(row)
    if names is None:
        block.faults.append(Fault(f"line {number}", f"it has {len(row)} columns; a call record has 16 to 21", line))
    elif not _MOMENT.fullmatch(row[_START]):
        block.faults.append(Fault(f"line {number}", "column 10 is no start of a call (2026-03-31 09:15:00)", line))
    elif not (row[_DURATION].isdigit() and row[_BILLSEC].isdigit()):
        block.faults.append(Fault(f"line {number}", "columns 13 and 14 are no seconds", line))
    else:
        block.records.append(Record(digest(line), dict(zip(names, row, strict=True))))
