"""Cisco Unified CM: files `cdr_<cluster>_<node>_<yyyymmddHHMM>_<seq>`, names in the first line, types in the second, then the records.

`cdr`: one record per leg, columns by name, for their set differs between releases. Files are closed when they arrive and may be taken away
later. `cmr_` files hold sound quality and are left out. Missed calls are only written when the service parameter «CDR Log Calls with Zero
Duration Flag» is on (feeds.md 1.7).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from pydantic import Field

from ingestion.feeds.documents import WholeFiles, digest
from ingestion.feeds.faults import DamagedError, Fault
from ingestion.feeds.paths import FoundFile
from ingestion.spec import Connector, Context, Record, Source, SourceOptions, Stream

_NEEDED = ("globalCallID_callId", "dateTimeOrigination", "callingPartyNumber", "finalCalledPartyNumber", "duration")
_TYPES = frozenset({"INTEGER", "VARCHAR", "UNIQUEIDENTIFIER"})
_IDENTITY = (
    "pkid", "globalCallID_ClusterID", "globalCallID_callManagerId", "globalCallID_callId", "origLegCallIdentifier",
    "destLegIdentifier", "dateTimeOrigination", "dateTimeDisconnect",
)  # fmt: skip


class CiscoOptions(SourceOptions):
    """`[sources.<name>]` of type cisco_cdr."""

    path: str = Field(description="folder that the CDR files are sent to, or a pattern")
    internal: str = Field(default="[0-9]{2,5}", pattern=r"^[^'\\]+$", description="pattern of the extensions")


def read_cdr(data: bytes, file: FoundFile) -> Iterator[Record | Fault]:
    """The legs of one file."""
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    names: list[str] = []
    number = 0
    try:
        for row in rows:
            number += 1
            if number == 1:
                names = row
                missing = [name for name in _NEEDED if name not in names]
                if missing:
                    message = f"there is no column {missing[0]}: this is no call detail file of Cisco"
                    raise DamagedError(place="line 1", cause=message)
            elif row and {cell.partition("(")[0].strip().upper() for cell in row} - _TYPES:
                yield _leg(names, row, rows.line_num)
    except csv.Error as error:
        raise DamagedError(place=f"line {rows.line_num}", cause=f"its quotes do not fit ({error})") from None
    if not names:
        raise DamagedError(place="line 1", cause=f"{file.name} is empty")


def _leg(names: list[str], row: list[str], line: int) -> Record | Fault:
    if len(row) != len(names):
        return Fault(f"line {line}", f"it has {len(row)} columns, the heading {len(names)}", ",".join(row))
    payload = dict(zip(names, row, strict=True))
    if not payload["dateTimeOrigination"].isdigit() or not payload["duration"].isdigit():
        return Fault(f"line {line}", "dateTimeOrigination and duration are no numbers", ",".join(row))
    return Record(digest(*(payload.get(name, "") for name in _IDENTITY)), payload)


def _is_cdr(name: str) -> bool:
    return not name.lower().startswith("cmr_")


def connect(options: CiscoOptions, context: Context) -> Connector:
    """A connector for these options; no file is touched yet."""
    return WholeFiles(options.path, context, "1", read_cdr, "call records", keeps=True, accept=_is_cdr)


SOURCE = Source(
    type="cisco_cdr",
    system="cisco_cdr",
    title="Cisco Unified CM",
    streams=(Stream("cdr", "each file once; nothing is deleted", ("fct_calls", "manager_kpi")),),
    options=CiscoOptions,
    connect=connect,
    dbt_options=("internal",),
)
