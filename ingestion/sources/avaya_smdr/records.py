"""SMDR lines of IP Office: comma separated, no heading (the Delta Server of old writes one); the first 30 fields are steady.

Field order: Avaya IP Office, «SMDR Fields».
"""

from __future__ import annotations

import csv
import re

from ingestion.feeds.documents import digest
from ingestion.feeds.faults import Fault
from ingestion.feeds.logs import Block
from ingestion.spec import JsonObject, Record

NAMES = (
    "call_start", "connected_time", "ring_time", "caller", "direction", "called_number", "dialled_number", "account", "is_internal",
    "call_id", "continuation", "party1_device", "party1_name", "party2_device", "party2_name", "hold_time", "park_time", "auth_valid",
    "auth_code", "user_charged", "call_charge", "currency", "amount_at_last_user_change", "call_units", "units_at_last_user_change",
    "cost_per_unit", "mark_up", "external_targeting_cause", "external_targeter_id", "external_targeted_number",
)  # fmt: skip
_LEAST = 17
_MOMENT = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d")
_SPAN = re.compile(r"\d{1,3}:\d\d:\d\d")


class SmdrLines:
    """The format; every line stands for itself."""

    def read(self, lines: list[str], first: int) -> Block:
        """Segments of calls; a heading gives nothing."""
        block = Block()
        for number, line in enumerate(lines, first):
            if not line.strip() or line.lower().startswith("call start"):
                continue
            try:
                row = next(csv.reader([line], strict=True))
            except csv.Error as error:
                block.faults.append(Fault(f"line {number}", f"its quotes do not fit ({error})", line))
                continue
            cause = _fault(row)
            if cause:
                block.faults.append(Fault(f"line {number}", cause, line))
            else:
                block.records.append(Record(digest(line), dict(zip(NAMES, row, strict=False))))
        return block

    def state(self) -> JsonObject:
        """Nothing."""
        return {}

    def restore(self, state: JsonObject) -> None:
        """Nothing."""


def _fault(row: list[str]) -> str:
    if len(row) < _LEAST:
        return f"it has {len(row)} fields; a segment has at least {_LEAST}"
    if not _MOMENT.fullmatch(row[0]):
        return "field 1 is no start of a call (2026/03/31 09:15:00)"
    if not _SPAN.fullmatch(row[1]) or not row[2].isdigit():
        return "fields 2 and 3 are no durations"
    if row[4] not in {"I", "O"} or not row[9]:
        return "field 5 is no direction, or field 10 no call id"
    return ""
