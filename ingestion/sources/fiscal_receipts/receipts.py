"""Receipts of tills as JSON (tax service, operators of fiscal data, checking sites) and as the text of their QR codes (feeds.md 2.5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

from ingestion.feeds.exact import DECODER, whole_text
from ingestion.feeds.faults import DamagedError, Fault
from ingestion.feeds.paths import FoundFile
from ingestion.spec import JsonObject, Record

_PERSONAL = frozenset({"operator", "operatorInn", "buyerPhoneOrAddress", "buyer", "buyerInn", "buyerInformation", "user"})
_WRAPPERS = ("data", "json", "document", "receipt", "bso", "ticket", "content", "items_of_receipts", "receipts", "documents")
_QR = re.compile(r"t=\d{8}T?t?\d{4,6}&.*", re.IGNORECASE)
_DEPTH = 8


def read_receipts(data: bytes, file: FoundFile) -> Iterator[Record | Fault]:
    """The receipts of one file: JSON (one, or an array) or lines of QR codes."""
    text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig", "replace")
    start = text.lstrip()[:1]
    if start in {"{", "["}:
        yield from _json_receipts(text)
    else:
        yield from _qr_receipts(text, file)


def _json_receipts(text: str) -> Iterator[Record | Fault]:
    for place, thing in _values(text):
        found = list(_receipts_in(thing, 0))
        if not found:
            yield Fault(place, "no receipt: there is no fiscalDriveNumber with a totalSum", json.dumps(thing, ensure_ascii=False))
        yield from (_record(receipt, place) for receipt in found)


def _values(text: str) -> Iterator[tuple[str, Any]]:
    """The elements of an array one after another, so that those before a damaged place are kept; or the values of the file."""
    position = _skip(text, 0)
    in_array = text[position : position + 1] == "["
    position = _skip(text, position + 1) if in_array else position
    number = 0
    while position < len(text) and not (in_array and text[position] == "]"):
        number += 1
        place = f"receipt {number} (character {position})"
        try:
            value, position = DECODER.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError) as error:
            cause = error.msg if isinstance(error, json.JSONDecodeError) else "it is nested too deeply"
            raise DamagedError(place, f"the JSON is damaged ({cause})") from None
        yield place, whole_text(value, text)
        position = _skip(text, position)
        if text[position : position + 1] == ",":
            position = _skip(text, position + 1)
    if in_array and position >= len(text):
        raise DamagedError(place=f"character {position}", cause="the file is broken off")


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _receipts_in(thing: Any, depth: int) -> Iterator[JsonObject]:
    """Receipts wherever the answer of a service holds them."""
    if depth > _DEPTH:
        return
    if isinstance(thing, list):
        for one in thing:
            yield from _receipts_in(one, depth + 1)
    elif isinstance(thing, dict):
        if "fiscalDriveNumber" in thing and "totalSum" in thing:
            yield thing
            return
        for name in _WRAPPERS:
            if name in thing:
                yield from _receipts_in(thing[name], depth + 1)


def _record(receipt: JsonObject, place: str) -> Record | Fault:
    drive, document = (str(receipt.get(name) or "").strip() for name in ("fiscalDriveNumber", "fiscalDocumentNumber"))
    if not drive.isdigit() or not document.isdigit():
        return Fault(place, "fiscalDriveNumber or fiscalDocumentNumber is no number", json.dumps(receipt, ensure_ascii=False))
    kept = {name: value for name, value in receipt.items() if name not in _PERSONAL}
    # tax numbers come padded with blanks
    return Record(f"{drive}:{document}", {name: value.strip() if isinstance(value, str) else value for name, value in kept.items()})


def _qr_receipts(text: str, file: FoundFile) -> Iterator[Record | Fault]:
    for number, line in enumerate(text.splitlines(), start=1):
        code = line.strip()
        if not code:
            continue
        if not _QR.fullmatch(code):
            yield Fault(f"line {number}", f"neither JSON nor a QR code of a receipt in {file.path.suffix or 'the file'}", code)
            continue
        parts = dict(parse_qsl(code))
        try:
            kopecks = int(Decimal(parts["s"]) * 100)
            stamp = re.sub(r"\D", "", parts["t"])
            drive, document, sign = parts["fn"], parts["i"], parts["fp"]
            operation = int(parts.get("n") or 1)
        except (KeyError, InvalidOperation, ValueError, OverflowError):
            yield Fault(f"line {number}", "the QR code lacks t, s, fn, i or fp", code)
            continue
        if len(stamp) not in {12, 14} or not (drive.isdigit() and document.isdigit()):
            yield Fault(f"line {number}", "the QR code has no readable moment or fiscal number", code)
            continue
        moment = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[8:10]}:{stamp[10:12]}:{stamp[12:14] or '00'}"
        payload = {
            "fiscalDriveNumber": drive, "fiscalDocumentNumber": document, "fiscalSign": sign, "dateTime": moment, "totalSum": kopecks,
            "operationType": operation, "_qr": True,
        }  # fmt: skip
        # the code says less than the receipt itself, which counts where both are there
        yield Record(f"{drive}:{document}:qr", payload)
