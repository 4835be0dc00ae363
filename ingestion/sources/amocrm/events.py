"""Events: the only history amoCRM gives (stage changes, deletions, links, messages).

They know no order (crm.md 1.3), so a window of creation time is always read whole and the cursor is the window's end. What has been
deleted, restored, merged or linked is told by events too; the other streams ask for those themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingestion.sources.amocrm.api import AmoApi
from ingestion.sources.amocrm.walks import Feed, seconds

WINDOW_SECONDS = 7 * 86_400
LIMIT = 100  # amocrm.ru documents 100 rows per page, Kommo 250 (crm.md 1.3)

HISTORY_TYPES = (
    "lead_added",
    "lead_status_changed",
    "lead_deleted",
    "lead_restored",
    "contact_added",
    "contact_deleted",
    "company_added",
    "company_deleted",
    "entity_responsible_changed",
    "entity_merged",
    "entity_linked",
    "entity_unlinked",
    "task_completed",
    "incoming_call",
    "outgoing_call",
    "incoming_chat_message",
    "outgoing_chat_message",
    "incoming_sms",
    "outgoing_sms",
    "incoming_mail",
    "outgoing_mail",
)


def windows(low: int, high: int, *, width: int = WINDOW_SECONDS) -> Iterator[tuple[int, int]]:
    """[low, high] cut into windows, both ends of each included."""
    while low <= high:
        end = min(high, low + width - 1)
        yield low, end
        low = end + 1


def events(api: AmoApi, types: tuple[str, ...], low: int, high: int) -> Iterator[list[dict[str, Any]]]:
    """Every event of these types created in [low, high], page by page, in no order; rows outside (an ignored filter) are left out."""
    feed = Feed("events", "events", (("filter[type]", ",".join(types)),), limit=LIMIT)
    wanted = frozenset(types)
    number, restarted = 1, False
    while True:
        listing = feed.page(api, number, ("filter[created_at][from]", str(low)), ("filter[created_at][to]", str(high)))
        if listing.empty:
            if number == 1 or restarted:
                return
            number, restarted = 1, True  # a next page was promised: the window changed meanwhile
            continue
        yield [
            row
            for row in listing.rows
            if isinstance(row, dict) and row.get("type") in wanted and low <= (seconds(row, "created_at") or 0) <= high
        ]
        if not listing.more:
            return
        number += 1


def last_deeds(rows: list[dict[str, Any]], entity: str) -> dict[int, dict[str, Any]]:
    """Per record of one kind (`lead`, `contact`, `company`) the latest event that concerns it, linked and merged counterparts included."""
    latest: dict[int, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (seconds(row, "created_at") or 0, str(row.get("id")))):
        for key in _concerned(row, entity):
            latest[key] = row
    return latest


def _concerned(row: dict[str, Any], entity: str) -> Iterator[int]:
    if str(row.get("entity_type", "")).startswith(entity):
        key = _whole(row.get("entity_id"))
        if key is not None:
            yield key
    if row.get("type") not in {f"{entity}_deleted", f"{entity}_restored"}:
        for side in ("value_after", "value_before"):
            yield from _named(row.get(side), entity)


def _named(value: Any, entity: str) -> Iterator[int]:
    """Ids of `{"entity": {"type": …, "id": …}}` anywhere inside a value."""
    if isinstance(value, list):
        for item in value:
            yield from _named(item, entity)
    elif isinstance(value, dict):
        if str(value.get("type", "")).startswith(entity) and (key := _whole(value.get("id"))) is not None:
            yield key
        for item in value.values():
            yield from _named(item, entity)


def _whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
