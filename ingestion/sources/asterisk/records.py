"""Lines of Master.csv (asterisk cdr_csv.c): no heading, 16 columns, then uniqueid and userfield, then three more, as cdr.conf says."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from hashlib import blake2b

from ingestion.feeds.faults import Fault
from ingestion.feeds.logs import Block
from ingestion.spec import JsonObject, Record

_FIRST = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end",
    "duration", "billsec", "disposition", "amaflags",
)  # fmt: skip
_LAST = ("peeraccount", "linkedid", "sequence")
_UNIQUEID = re.compile(r"\d{9,10}\.\d+")
_START, _BILLSEC, _DURATION, _SEVENTEENTH = _FIRST.index("start"), _FIRST.index("billsec"), _FIRST.index("duration"), 16
# by the number of columns; 17 is told by the value: uniqueid or userfield
_NAMES: dict[int, tuple[str, ...]] = {
    16: _FIRST,
    18: (*_FIRST, "uniqueid", "userfield"),
    19: (*_FIRST, *_LAST),
    21: (*_FIRST, "uniqueid", "userfield", *_LAST),
}


def _names(row: list[str]) -> tuple[str, ...] | None:
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
            _take_all(block, first, lines, rows)
        else:
            for number, line in enumerate(lines, first):
                try:
                    row = next(csv.reader([line], strict=True), [])
                except csv.Error as error:
                    block.faults.append(Fault(f"line {number}", f"its quotes do not fit ({error})", line))
                else:
                    _take_all(block, number, [line], [row])
        return block

    def state(self) -> JsonObject:
        """Nothing."""
        return {}

    def restore(self, state: JsonObject) -> None:
        """Nothing."""


def _take_all(block: Block, first: int, lines: list[str], rows: list[list[str]]) -> None:
    """The loop that a log of millions of lines passes through: nothing is looked up or called in it that could be left out."""
    add, names_of, moment = block.records.append, _NAMES.get, datetime.fromisoformat
    for number, (line, row) in enumerate(zip(lines, rows, strict=True), first):
        names = names_of(len(row)) or _names(row)
        if names is None:
            if row:
                block.faults.append(Fault(f"line {number}", f"it has {len(row)} columns; a call record has 16 to 21", line))
            continue
        try:
            moment(row[_START])
        except ValueError:
            block.faults.append(Fault(f"line {number}", "column 10 is no start of a call (2026-03-31 09:15:00)", line))
            continue
        if row[_BILLSEC].isdigit() and row[_DURATION].isdigit():
            key = blake2b(line.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
            add(Record(key, dict(zip(names, row))))  # noqa: B905 - there are as many names as cells
        else:
            block.faults.append(Fault(f"line {number}", "columns 13 and 14 are no seconds", line))
