"""What a Bitrix24 portal holds, and what people do to it. Rows have UPPER_CASE names and typed values (see bitrix24_names).

Facts: a deletion leaves nothing behind; an edit moves DATE_MODIFY, but not every change does; a stage change adds a row of stage history.
"""

from __future__ import annotations

import time
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingestion.sandbox.bitrix24_tokens import PortalTokens
from ingestion.sandbox.clock import MOSCOW
from ingestion.spec import JsonObject


def stamp(moment: datetime) -> str:
    """A moment as the portal writes it: ISO 8601 in the server's zone, whatever the user's is."""
    return moment.astimezone(MOSCOW).isoformat(timespec="seconds")


class Table:
    """Rows by their integer ID, walked in ascending order."""

    def __init__(self, rows: Iterable[JsonObject] = ()) -> None:
        self.rows: dict[int, JsonObject] = {row["ID"]: row for row in rows}
        self._ids = sorted(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def put(self, row: JsonObject) -> None:
        """Add a row or replace the one with its ID."""
        if row["ID"] not in self.rows:
            insort(self._ids, row["ID"])
        self.rows[row["ID"]] = row

    def remove(self, key: int) -> JsonObject:
        """Take a row out; KeyError if there is none."""
        row = self.rows.pop(key)
        self._ids.remove(key)
        return row

    def after(self, key: float) -> Iterator[JsonObject]:
        """Rows whose ID is greater, ascending."""
        for number in self._ids[bisect_right(self._ids, key) :]:
            yield self.rows[number]

    def new_id(self) -> int:
        """The next ID."""
        return self._ids[-1] + 1 if self._ids else 1


@dataclass
class PortalStore:
    """One portal.

    Attributes:
        tables: `lead`, `deal`, `contact`, `company`, `invoice`, `quote`; `deal_history`, `lead_history`; `user`, `activity`, `call`,
            `productrow`, `status`.
        categories: deal funnels as crm.category.list shows them.
        currencies: as crm.currency.list shows them.
        fields: custom fields by object name: `UF_CRM_…` → title.
        stages: semantics (P, S or F) by deal stage or lead status id.
        lists: custom fields whose values are chosen from a list: `UF_CRM_…` → {id: text}; records carry the id.
        clock: seconds since 1970.
        tokens: who may ask.
    """

    tables: dict[str, Table]
    categories: list[JsonObject]
    currencies: list[JsonObject]
    fields: dict[str, dict[str, str]]
    stages: dict[str, str]
    clock: Callable[[], float] = time.time
    tokens: PortalTokens = field(default_factory=PortalTokens)
    lists: dict[str, dict[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tokens.clock = self.clock

    def become(self, other: PortalStore) -> None:
        """Hold what another store holds from now on (the company some days later); tokens stay."""
        self.tables, self.categories, self.currencies = other.tables, other.categories, other.currencies
        self.fields, self.stages, self.lists = other.fields, other.stages, other.lists

    def table(self, name: str) -> Table:
        """A table by name; an empty one where the portal has nothing of the kind."""
        return self.tables.setdefault(name, Table())

    def get(self, name: str, key: int) -> JsonObject:
        """A row; KeyError if there is none."""
        return self.table(name).rows[key]

    def now(self) -> str:
        """This moment as the portal writes it."""
        return stamp(datetime.fromtimestamp(self.clock(), MOSCOW))

    def add(self, name: str, row: JsonObject) -> None:
        """A new row; a deal or lead also begins its stage history."""
        self.table(name).put(row)
        if name in {"deal", "lead"}:
            self._enter(name, row, 1, row["DATE_CREATE"])

    def edit(self, name: str, key: int, *, at: datetime | None = None, silent: bool = False, **changes: Any) -> JsonObject:
        """Change fields of a row; `at` becomes DATE_MODIFY (default now), unless the change is `silent`, as those of product rows are."""
        row = self.get(name, key) | changes
        if not silent:
            modified = "LAST_UPDATED" if name == "activity" else "DATE_MODIFY"
            row[modified] = self.now() if at is None else stamp(at)
        self.table(name).put(row)
        return row

    def move(self, name: str, key: int, stage: str, *, category: int | None = None, at: datetime | None = None) -> JsonObject:
        """Put a deal or lead into another stage; its planned CLOSEDATE stays as it was."""
        before = self.get(name, key)
        moment = self.now() if at is None else stamp(at)
        semantics = self.stages[stage]
        changes: JsonObject = {"MOVED_TIME": moment}
        if name == "deal":
            changes |= {"STAGE_ID": stage, "STAGE_SEMANTIC_ID": semantics, "CLOSED": "N" if semantics == "P" else "Y"}
            changes["CATEGORY_ID"] = before["CATEGORY_ID"] if category is None else category
        else:
            changes |= {"STATUS_ID": stage, "STATUS_SEMANTIC_ID": semantics, "DATE_CLOSED": None if semantics == "P" else moment}
        row = self.edit(name, key, at=at, **changes)
        moved = category is not None and category != before.get("CATEGORY_ID")
        self._enter(name, row, 5 if moved else 2 if semantics == "P" else 3, moment)
        return row

    def delete(self, name: str, key: int) -> None:
        """A row disappears with everything that hung on it; nothing tells of it."""
        self.table(name).remove(key)
        history = self.table(f"{name}_history")
        for row in [one for one in history.rows.values() if one["OWNER_ID"] == key]:
            history.remove(row["ID"])

    def _enter(self, name: str, row: JsonObject, kind: int, moment: str) -> None:
        history = self.table(f"{name}_history")
        entry: JsonObject = {"ID": history.new_id(), "TYPE_ID": kind, "OWNER_ID": row["ID"], "CREATED_TIME": moment}
        if name == "deal":
            entry |= {"CATEGORY_ID": row["CATEGORY_ID"], "STAGE_SEMANTIC_ID": row["STAGE_SEMANTIC_ID"], "STAGE_ID": row["STAGE_ID"]}
        else:
            entry |= {"STATUS_SEMANTIC_ID": row["STATUS_SEMANTIC_ID"], "STATUS_ID": row["STATUS_ID"]}
        history.put(entry)
