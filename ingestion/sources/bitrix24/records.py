"""Rows of Bitrix24 as records, in either spelling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ingestion.spec import Cursor, Page, Record


def moment(value: Any, zone: ZoneInfo) -> datetime | None:
    """An ISO time of the portal, with its own offset; one without is taken in `zone`. None if it is none."""
    if not isinstance(value, str) or not value:
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)


def first(row: Mapping[str, Any], names: Iterable[str]) -> Any:
    """The value of the first of these fields that the row has."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def iso(seconds: float) -> str:
    """A Unix time as filters want it: ISO 8601 with an offset."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def page_of(
    rows: Iterable[Any],
    zone: ZoneInfo,
    *,
    keys: tuple[str, ...] = ("id", "ID"),
    changed: tuple[str, ...] = (),
    prefix: str = "",
    extra: Mapping[str, Any] | None = None,
    version: tuple[str, ...] = (),
    cursor: Cursor | None = None,
) -> Page:
    """Rows as a page.

    Args:
        rows: as sent.
        zone: of times without an offset.
        keys: fields that identify a row; the first that is there counts.
        changed: fields that hold the modification moment.
        prefix: put before the key where kinds are numbered apart.
        extra: fields added to each payload.
        version: fields whose text is remembered as the record's version mark.
        cursor: the safe place after these rows.
    """
    records: list[Record] = []
    rejected: list[tuple[Any, str]] = []
    for row in rows:
        key = first(row, keys) if isinstance(row, dict) else None
        if key in (None, ""):
            rejected.append((row, f"no {keys[-1]}"))
            continue
        mark = first(row, version)
        records.append(
            Record(
                f"{prefix}{key}",
                {**row, **extra} if extra else row,
                moment(first(row, changed), zone),
                None if mark is None else str(mark),
            )
        )
    return Page(records, cursor=cursor, rejected=rejected)
