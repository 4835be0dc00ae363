"""Reads DBF tables row by row, values as text: dates ISO, numbers with a point, blanks at the ends cut."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dbfread import DBF
from dbfread.exceptions import DBFNotFound, MissingMemoFile

from ingestion.formats.damage import DamagedFileError
from ingestion.formats.encodings import text_encoding
from ingestion.spec import JsonObject

_LANGUAGES = {0x26: "cp866", 0x65: "cp866", 0xC9: "cp1251", 0x57: "cp1251", 0xC8: "cp1250"}
_REFERENCE_LENGTHS = frozenset({9, 13, 23})  # of one kind, of several kinds, of any kind
_SAMPLE = 256 * 1024
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)")
_TRUE = {"t": "true", "y": "true", "д": "true", "f": "false", "n": "false", "н": "false"}


def table_rows(path: Path, where: str, encoding: str | None) -> Iterator[JsonObject]:
    """Rows that are not marked as deleted, field → text ('' if empty).

    Args:
        path: the table.
        where: its name for people.
        encoding: of its texts; None to tell by the language byte, else by the texts.

    Raises:
        DamagedFileError: no table, or one that ends before its header says.
    """
    chosen = encoding or encoding_of(path)
    try:
        table = DBF(str(path), encoding=chosen, raw=True, ignore_missing_memofile=True, char_decode_errors="replace")
        if table.header.recordlen == 0 or not table.fields:
            raise DamagedFileError(where, "the header names no fields")
        expected = table.header.headerlen + table.header.numrecords * table.header.recordlen
        for row in table.records:
            yield {str(name): _text(value, kind, chosen) for (name, value), kind in zip(row.items(), _kinds(table), strict=True)}
    except (struct.error, ValueError, KeyError, IndexError, OSError, OverflowError, AttributeError, DBFNotFound, MissingMemoFile) as error:
        raise DamagedFileError(where, f"this is no readable DBF table ({error})") from None
    if path.stat().st_size < expected:
        raise DamagedFileError(where, f"the table breaks off: it has {path.stat().st_size} bytes and its header promises {expected}")


def encoding_of(path: Path) -> str:
    """By the language byte of the header; where it is 0, as 7.7 writes it, by what the texts look like."""
    try:
        with path.open("rb") as opened:
            head = opened.read(_SAMPLE)
    except OSError:
        return "cp866"
    language = head[29] if len(head) > 29 else 0
    length = int.from_bytes(head[8:10], "little")
    return _LANGUAGES.get(language) or text_encoding(head[length:], "cp866")


def _kinds(table: Any) -> list[str]:
    return [field.type for field in table.fields]


def _text(value: Any, kind: str, encoding: str) -> str:
    text = value.decode(encoding, "replace") if isinstance(value, bytes) else str(value)
    text = text.replace("\x00", "").strip()
    if kind == "D":
        found = _DAY.fullmatch(text)
        return "-".join(found.groups()) if found else ""
    if kind in "NF":
        return "" if text.strip("*") == "" else text
    if kind == "C" and text == "0" and len(value) in _REFERENCE_LENGTHS:
        return ""  # how 7.7 writes that a reference is empty
    if kind == "L":
        return _TRUE.get(text.lower(), "")
    return text
