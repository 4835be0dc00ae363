"""What an amoCRM account holds, and what people do to it: cards are edited, deleted, restored, merged; each deed leaves its events.

Facts: an edit moves `updated_at`; a deleted card leaves every list and stays restorable for a while (`with=only_deleted`); stage
changes exist only as events. The shape of `entity_merged` is not documented, so a merge here says no more than that it happened.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from ingestion.sandbox.amocrm_events import event, singular
from ingestion.sandbox.amocrm_tokens import TokenDesk
from ingestion.spec import JsonObject

Key = int | str
Shape = Callable[[JsonObject], JsonObject]

CARDS = ("leads", "contacts", "companies")
"""Entities that people delete and restore, that carry notes and custom fields."""
SELECTIONS_KEPT = 64


class Collection:
    """Records of one kind, with sorted indexes, remembered selections and encoded rows, all made when first asked for."""

    def __init__(self, rows: Iterable[JsonObject] = (), key: str = "id") -> None:
        self.key = key
        self.rows: dict[Key, JsonObject] = {row[key]: row for row in rows}
        self.version = 0
        self.changed_at = max((int(row.get("updated_at") or 0) for row in self.rows.values()), default=0)
        self._indexes: dict[str, tuple[int, list[Any], list[Key]]] = {}
        self._encoded: dict[str, dict[Key, bytes]] = {}
        self._selections: dict[str, tuple[int, Sequence[Key]]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def put(self, row: JsonObject) -> None:
        """Add a record or replace the one with the same key."""
        self.rows[row[self.key]] = row
        self._forget(row[self.key], int(row.get("updated_at") or 0))

    def remove(self, key: Key, at: int = 0) -> JsonObject:
        """Take a record out and give it back; KeyError if there is none."""
        row = self.rows.pop(key)
        self._forget(key, at)
        return row

    def _forget(self, key: Key, at: int) -> None:
        self.version += 1
        self.changed_at = max(self.changed_at, at)
        for variant in self._encoded.values():
            variant.pop(key, None)

    def ordered(self, by: str) -> tuple[Sequence[Any], Sequence[Key]]:
        """Values of a field in ascending order with the keys of their records, ties by key."""
        known = self._indexes.get(by)
        if known is None or known[0] != self.version:
            pairs = sorted((row.get(by) or 0, key) for key, row in self.rows.items())
            known = (self.version, [value for value, _ in pairs], [key for _, key in pairs])
            self._indexes[by] = known
        return known[1], known[2]

    def between(self, by: str, low: int | None, high: int | None) -> Sequence[Key]:
        """Keys whose field lies in [low, high], both ends included, ascending."""
        values, keys = self.ordered(by)
        start = 0 if low is None else bisect_left(values, low)
        return keys[start : len(keys) if high is None else bisect_right(values, high)]

    def selection(self, name: str, make: Callable[[], Sequence[Key]]) -> Sequence[Key]:
        """The keys that `make` finds, remembered under `name` until a record changes."""
        known = self._selections.get(name)
        if known is None or known[0] != self.version:
            if len(self._selections) >= SELECTIONS_KEPT:
                self._selections.clear()
            known = (self.version, make())
            self._selections[name] = known
        return known[1]

    def encoded(self, keys: Sequence[Key], variant: str, shape: Shape) -> list[bytes]:
        """JSON of the records as `shape` shows them; encoded once per variant."""
        known = self._encoded.setdefault(variant, {})
        texts: list[bytes] = []
        for key in keys:
            text = known.get(key)
            if text is None:
                text = known[key] = orjson.dumps(shape(self.rows[key]))
            texts.append(text)
        return texts


@dataclass
class AmoCrmStore:
    """One account.

    Attributes:
        account: the account object with everything that `with` may ask for.
        collections: by path below `/api/v4/`: `leads`, `leads/notes`, `leads/unsorted`, `events`, …
        clock: seconds since 1970; the moment that edits are stamped with and tokens live by.
        tokens: who may ask.
        trash: deleted cards that can be restored, by entity and id.
    """

    account: JsonObject
    collections: dict[str, Collection]
    clock: Callable[[], float] = time.time
    tokens: TokenDesk = field(default_factory=TokenDesk)
    trash: dict[str, dict[Key, JsonObject]] = field(default_factory=lambda: {entity: {} for entity in CARDS})

    def __post_init__(self) -> None:
        self.tokens.clock = self.clock
        self._serial = 0

    def become(self, other: AmoCrmStore) -> None:
        """Hold what another store holds from now on (the company some days later); tokens stay."""
        self.account, self.collections, self.trash = other.account, other.collections, other.trash

    def collection(self, name: str) -> Collection:
        """A collection by its path; an empty one where the account has nothing of the kind."""
        return self.collections.setdefault(name, Collection(key="uid" if name == "leads/unsorted" else "id"))

    def get(self, entity: str, key: Key) -> JsonObject:
        """A live record; KeyError if there is none."""
        return self.collection(entity).rows[key]

    def add(self, entity: str, row: JsonObject) -> None:
        """A new record; a new lead, contact or company leaves its `*_added` event."""
        self.collection(entity).put(row)
        if entity in CARDS:
            self.log(f"{singular(entity)}_added", entity, row["id"], int(row["created_at"]), by=int(row["created_by"]))

    def edit(self, entity: str, key: Key, *, at: int | None = None, by: int = 0, silent: bool = False, **changes: Any) -> JsonObject:
        """Change fields of a record.

        The change becomes `updated_at` = `at` (default now; it may lie in the past) and `updated_by` = `by` (0 is a robot), unless it is
        `silent`, as link changes and notes may be.
        """
        moment = int(self.clock()) if at is None else at
        before = self.get(entity, key)
        after = before | changes
        if not silent:
            after["updated_at"] = moment
            after["updated_by"] = by
        self.collection(entity).put(after)
        if entity in CARDS:
            self._log_changes(entity, before, after, moment, by)
        return after

    def move(self, lead: int, status_id: int, pipeline_id: int | None = None, *, at: int | None = None, by: int = 0) -> JsonObject:
        """Put a lead into another stage; entering 142 or 143 closes it, leaving them opens it again."""
        moment = int(self.clock()) if at is None else at
        closed_at = moment if status_id in {142, 143} else None
        pipeline = self.get("leads", lead)["pipeline_id"] if pipeline_id is None else pipeline_id
        return self.edit("leads", lead, at=moment, by=by, status_id=status_id, pipeline_id=pipeline, closed_at=closed_at)

    def delete(self, entity: str, key: Key, *, at: int | None = None, by: int = 0) -> None:
        """Put a card into the bin: it leaves the lists, an event remains."""
        moment = int(self.clock()) if at is None else at
        row = self.collection(entity).remove(key, moment)
        self.trash[entity][key] = row | {"is_deleted": True, "updated_at": moment}
        self.log(f"{singular(entity)}_deleted", entity, key, moment, by=by)

    def restore(self, entity: str, key: Key, *, at: int | None = None, by: int = 0) -> None:
        """Take a card back from the bin."""
        moment = int(self.clock()) if at is None else at
        row = self.trash[entity].pop(key)
        self.collection(entity).put(row | {"is_deleted": False, "updated_at": moment})
        self.log(f"{singular(entity)}_restored", entity, key, moment, by=by)

    def vanish(self, entity: str, key: Key) -> None:
        """A record that disappears without any event (a right taken away, an event past retention)."""
        self.collection(entity).remove(key)

    def link(self, lead: int, contact: int, *, at: int | None = None, by: int = 0) -> None:
        """Tie a contact to a lead: the lead's time of change stays, only an event tells."""
        moment = int(self.clock()) if at is None else at
        row = self.get("leads", lead)
        embedded = row["_embedded"]
        linked = [*embedded["contacts"], {"id": contact, "is_main": not embedded["contacts"]}]
        self.edit("leads", lead, silent=True, _embedded=embedded | {"contacts": linked})
        self.log("entity_linked", "leads", lead, moment, by=by, after=[{"link": {"entity": {"type": "contact", "id": contact}}}])

    def merge(self, entity: str, keep: Key, gone: Key, *, at: int | None = None, by: int = 0) -> None:
        """Merge two cards: the second disappears without an event of its own, the first tells that something was merged into it."""
        moment = int(self.clock()) if at is None else at
        self.collection(entity).remove(gone, moment)
        self.edit(entity, keep, at=moment, by=by)
        self.log("entity_merged", entity, keep, moment, by=by)

    def log(
        self,
        kind: str,
        entity: str,
        key: Key,
        at: int,
        *,
        by: int = 0,
        after: Sequence[JsonObject] = (),
        before: Sequence[JsonObject] = (),
    ) -> None:
        """Record an event."""
        self._serial += 1
        account = self.account
        made = event(kind, entity, key, at, by=by, after=after, before=before, account=account, nonce=f"live-{self._serial}")
        self.collection("events").put(made)

    def _log_changes(self, entity: str, before: JsonObject, after: JsonObject, at: int, by: int) -> None:
        def changed(*names: str) -> bool:
            return any(before.get(name) != after.get(name) for name in names)

        def both(kind: str, make: Callable[[JsonObject], JsonObject]) -> None:
            self.log(kind, entity, after["id"], at, by=by, after=[make(after)], before=[make(before)])

        if entity == "leads" and changed("status_id", "pipeline_id"):
            both("lead_status_changed", lambda row: {"lead_status": {"id": row["status_id"], "pipeline_id": row["pipeline_id"]}})
        if entity == "leads" and changed("price"):
            both("sale_field_changed", lambda row: {"sale_field_value": {"sale": row["price"]}})
        if changed("name"):
            both("name_field_changed", lambda row: {"name_field_value": {"name": row["name"]}})
        if changed("responsible_user_id"):
            both("entity_responsible_changed", lambda row: {"responsible_user": {"id": row["responsible_user_id"]}})
