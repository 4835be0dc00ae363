"""Lists of amoCRM: which records a query selects, in which order, as which page.

Facts kept here: `filter[x]=5` is equality and only `[from]`/`[to]` is a range, both ends included; with the account's filter option off
the filter of leads, contacts and companies is silently ignored; events know no order; a page may be short without being the last;
what `with` did not ask for is not shown.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from ingestion.sandbox import php_query
from ingestion.sandbox.amocrm_store import Collection, Key
from ingestion.spec import JsonObject

MAX_LIMIT = 250
DEFAULT_LIMIT = 50
RANGES = ("updated_at", "created_at", "closed_at", "complete_till")
ALPHA_FILTERED = frozenset({"leads", "contacts", "companies"})
"""Entities whose filter works only on accounts where support has switched it on."""
EMBEDDED_WITH: dict[str, tuple[str, ...]] = {
    "leads": ("contacts", "loss_reason", "catalog_elements", "source"),
    "contacts": ("leads", "customers", "catalog_elements"),
    "companies": ("leads", "customers", "catalog_elements", "contacts"),
}
FIELDS_WITH: dict[str, tuple[str, ...]] = {
    "leads": ("is_price_modified_by_robot",),
    "users": ("role", "group", "uuid", "amojo_id", "user_rank", "phone_number"),
}

Predicate = Callable[[JsonObject], bool]


class BadQueryError(ValueError):
    """A query the system refuses: 400 with this detail."""


@dataclass(frozen=True, slots=True)
class ListKind:
    """How one list may be asked.

    Attributes:
        collection: path of the collection below `/api/v4/`.
        embedded: its name inside `_embedded`.
        equal: record fields that a filter may compare.
        orders: fields that may be ordered by; none means the order is arbitrary.
        paged: dictionaries come whole, with `_total_items`.
        cap: more rows than this are never on one page, whatever `limit` says.
    """

    collection: str
    embedded: str
    equal: tuple[str, ...] = ("id",)
    orders: tuple[str, ...] = ("id",)
    paged: bool = True
    cap: int = MAX_LIMIT


@dataclass(frozen=True, slots=True)
class Page:
    """One page: keys to show, and whether a further page exists."""

    keys: Sequence[Key]
    has_next: bool


def whole_number(text: str, path: str) -> int:
    """A number of the query; BadQueryError names the parameter otherwise."""
    try:
        return int(text)
    except (TypeError, ValueError):
        message = f"{path}: this value should be of type integer"
        raise BadQueryError(message) from None


def select(collection: Collection, kind: ListKind, query: JsonObject, *, filtered: bool) -> Sequence[Key]:
    """Keys of the records that the query selects, in its order."""
    conditions = query.get("filter") if filtered else None
    order = query.get("order")
    name = orjson.dumps([kind.collection, conditions, order]).decode()
    return collection.selection(name, lambda: _select(collection, kind, conditions or {}, order or {}))


def _select(collection: Collection, kind: ListKind, conditions: Any, order: Any) -> Sequence[Key]:
    if not isinstance(conditions, dict) or not isinstance(order, dict):
        message = "filter and order are given as filter[name]=value, order[name]=asc"
        raise BadQueryError(message)
    by, descending = _order(kind, order)
    ranges = {field: _range(field, conditions[field]) for field in RANGES if field in conditions}
    predicates = _predicates(kind, conditions)
    # the widest range is the one that is also the order; otherwise any range narrows the scan
    leading = by if by in ranges else next(iter(ranges), None)
    keys: Sequence[Key] = collection.between(leading, *ranges.pop(leading)) if leading else collection.ordered(by or "id")[1]
    for field, (low, high) in ranges.items():
        predicates.append(_within(field, low, high))
    if predicates:
        rows = collection.rows
        keys = [key for key in keys if all(holds(rows[key]) for holds in predicates)]
    if not kind.orders:
        return sorted(keys, key=lambda key: zlib.crc32(str(key).encode()))
    if by is not None and leading not in {by, None}:
        rows = collection.rows
        keys = sorted(keys, key=lambda key: (rows[key].get(by) or 0, key))
    return keys[::-1] if descending else keys


def _order(kind: ListKind, order: dict[str, Any]) -> tuple[str | None, bool]:
    if not kind.orders:
        return None, False
    for field, direction in order.items():
        if field not in kind.orders:
            message = f"order.{field}: sorting by this field is not supported"
            raise BadQueryError(message)
        return field, str(direction).lower() == "desc"
    return "id", False


def _range(field: str, value: Any) -> tuple[int | None, int | None]:
    """[from] and [to] inclusive; "from,to" likewise; a bare number is equality."""
    path = f"filter.{field}"
    if isinstance(value, dict):
        low, high = value.get("from"), value.get("to")
        return (None if low is None else whole_number(low, path)), (None if high is None else whole_number(high, path))
    if "," in value:
        low, high = value.split(",", 1)
        return whole_number(low, path), whole_number(high, path)
    exact = whole_number(value, path)
    return exact, exact


def _within(field: str, low: int | None, high: int | None) -> Predicate:
    return lambda row: (low is None or (row.get(field) or 0) >= low) and (high is None or (row.get(field) or 0) <= high)


def _predicates(kind: ListKind, conditions: dict[str, Any]) -> list[Predicate]:
    named = [field for field in kind.equal if field in conditions]
    predicates = [_among(field, frozenset(php_query.several(conditions[field]))) for field in named]
    if kind.collection == "events":
        predicates += _event_predicates(conditions)
    if "statuses" in conditions:
        stages = {(stage.get("pipeline_id"), stage.get("status_id")) for stage in conditions["statuses"].values()}
        predicates.append(lambda row: (str(row["pipeline_id"]), str(row["status_id"])) in stages)
    return predicates


def _among(field: str, wanted: frozenset[str]) -> Predicate:
    flags = {"0": False, "1": True, "false": False, "true": True}

    def holds(row: JsonObject) -> bool:
        value = row.get(field)
        if isinstance(value, bool):
            return any(flags.get(text) is value for text in wanted)
        return str(value) in wanted

    return holds


def _event_predicates(conditions: dict[str, Any]) -> list[Predicate]:
    """Limits of the documentation: at most 10 entity ids, and only with exactly one entity; 10 users; 100 ids."""
    entities = php_query.several(conditions.get("entity"))
    keys = php_query.several(conditions.get("entity_id"))
    if keys and (len(keys) > 10 or len(entities) != 1):
        message = "filter.entity_id: give at most 10 ids and exactly one filter[entity]"
        raise BadQueryError(message)
    if len(php_query.several(conditions.get("created_by"))) > 10:
        message = "filter.created_by: give at most 10 users"
        raise BadQueryError(message)
    if len(php_query.several(conditions.get("id"))) > 100:
        message = "filter.id: give at most 100 ids"
        raise BadQueryError(message)
    types = php_query.several(conditions.get("type"))
    if len(types) > 1 and any(name.startswith("custom_field_") and name != "custom_field_value_changed" for name in types):
        message = "filter.type: custom_field_{ID}_value_changed must stand alone"
        raise BadQueryError(message)
    predicates = [_among("entity_type", frozenset(entities))] if entities else []
    if keys:
        predicates.append(_among("entity_id", frozenset(keys)))
    return predicates


def page(keys: Sequence[Key], number: int, limit: int, *, short: bool) -> Page:
    """The numbered page. With `short`, every third page (2, 5, 8, …) holds one record less than it could."""
    if not short or limit == 1:
        start = (number - 1) * limit
        size = limit
    else:
        start = (number - 1) * limit - number // 3
        size = limit - (number % 3 == 2)
    return Page(keys[start : start + size], start + size < len(keys))


def shaped(entity: str, row: JsonObject, asked: frozenset[str]) -> JsonObject:
    """A record as a query with these `with` values sees it."""
    hidden = {name for name in FIELDS_WITH.get(entity, ()) if name not in asked}
    shown = {name: value for name, value in row.items() if name not in hidden} if hidden else dict(row)
    if entity == "leads" and "source_id" not in asked:
        shown["source_id"] = None
    parts = EMBEDDED_WITH.get(entity)
    if parts and isinstance(row.get("_embedded"), dict):
        shown["_embedded"] = {name: value for name, value in row["_embedded"].items() if name not in parts or name in asked}
    return shown


def links(base: str, path: str, query: JsonObject, number: int, *, has_next: bool, bare: bool) -> bytes:
    """The `_links` of a page. `bare` leaves `with`, `filter` and `limit` out of next, as some accounts do."""

    def href(page_number: int) -> JsonObject:
        kept: JsonObject = {} if bare and page_number != number else query
        return {"href": f"{base}{path}?{urlencode(_flat(kept | {'page': str(page_number)}))}"}

    made = {"self": href(number)}
    if has_next:
        made["next"] = href(number + 1)
    if number > 1:
        made |= {"first": href(1), "prev": href(number - 1)}
    return orjson.dumps(made)


def _flat(tree: Any, prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in tree.items():
        path = f"{prefix}[{name}]" if prefix else name
        pairs += _flat(value, path) if isinstance(value, dict) else [(path, str(value))]
    return pairs


def envelope(embedded: str, number: int, page_links: bytes, rows: Sequence[bytes]) -> bytes:
    """The HAL body of a page, joined from rows that are already JSON."""
    return b'{"_page":%d,"_links":%b,"_embedded":{"%b":[%b]}}' % (number, page_links, embedded.encode(), b",".join(rows))
