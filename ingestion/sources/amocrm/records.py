"""Rows of amoCRM as records: keys, change times, tombstones; what is no record is set aside with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ingestion.sources.amocrm.walks import seconds
from ingestion.spec import Cursor, Page, Record


def moment(unix: int | None) -> datetime | None:
    """A Unix time as an aware moment; None for none and for numbers beyond the calendar."""
    if not unix:
        return None
    try:
        return datetime.fromtimestamp(unix, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def card(row: dict[str, Any], *, key: str = "id", prefix: str = "") -> Record:
    """A record; one that says of itself that it is deleted (`with=only_deleted`, a trashed card asked for by id) is a tombstone."""
    changed = moment(seconds(row) or seconds(row, "created_at"))
    return Record(f"{prefix}{row[key]}", None if row.get("is_deleted") is True else row, changed)


def page_of(
    rows: Iterable[Any], *, key: str = "id", prefix: str = "", extra: dict[str, Any] | None = None, cursor: Cursor | None = None
) -> Page:
    """Rows as a page.

    Args:
        rows: as sent.
        key: the field that identifies a row.
        prefix: put before the key where kinds are numbered apart.
        extra: fields added to each payload.
        cursor: the safe place after these rows.
    """
    records: list[Record] = []
    rejected: list[tuple[Any, str]] = []
    for row in rows:
        if not isinstance(row, dict) or row.get(key) in (None, "", 0):
            rejected.append((row, f"no {key}"))
        else:
            records.append(card(row | extra if extra else row, key=key, prefix=prefix))
    return Page(records, cursor=cursor, rejected=rejected)
