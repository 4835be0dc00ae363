"""How list methods of Bitrix24 select and page: 50 rows, an offset with `total` and `next`, or `start: -1` with neither."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ingestion.sandbox.bitrix24_filters import NotAllowedError, compile_filter, sort_key, split
from ingestion.sandbox.bitrix24_store import Table
from ingestion.spec import JsonObject

PAGE = 50


class RestError(Exception):
    """A refusal: HTTP status, `error` (a code, "" or a number) and `error_description`."""

    def __init__(self, status: int, error: str | int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method gives: its result, and the paging that belongs to it."""

    result: Any
    total: int | None = None
    next: int | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows of one page with its paging."""

    rows: list[JsonObject]
    total: int | None
    next: int | None


def start_of(params: Mapping[str, Any]) -> int:
    """The `start` parameter; unreadable values count as 0."""
    try:
        return int(params.get("start") or 0)
    except (TypeError, ValueError):
        return 0


def named(params: Mapping[str, Any], name: str) -> Any:
    """A parameter in either case: `filter` or `FILTER`."""
    return params.get(name, params.get(name.upper()))


def matching(
    table: Table, params: Mapping[str, Any], *, names: Mapping[str, str] | None = None, order: Mapping[str, str] | None = None
) -> Iterable[JsonObject]:
    """All rows that `filter` and `order` ask for, in that order.

    Args:
        table: where to look.
        params: of the call; `filter` is read from it, and `order` unless given.
        names: filter and order names → row fields; unknown ones are refused. None: UPPER_CASE, unknown ones are ignored.
        order: field → ASC or DESC.

    Raises:
        RestError: INVALID_ARG_VALUE for a field that may not be filtered.
    """
    conditions = named(params, "filter") or {}
    try:
        holds = compile_filter(conditions, names)
    except NotAllowedError as problem:
        raise RestError(400, "INVALID_ARG_VALUE", f"Invalid filter: field '{problem.args[0]}' is not allowed in filter") from None
    wanted = order if order is not None else named(params, "order") or {}
    return _ordered((row for row in table.after(_floor(conditions, names)) if holds(row)), wanted, names)


def page(ordered: Iterable[JsonObject], start: int) -> Selection:
    """The 50 rows from `start` on, with what `total` and `next` say; -1 counts nothing."""
    if start < 0:
        return Selection(list(islice(ordered, PAGE)), None, None)
    rows = list(ordered)
    following = start + PAGE
    return Selection(rows[start:following], len(rows), following if following < len(rows) else None)


def select(table: Table, params: Mapping[str, Any], *, names: Mapping[str, str] | None = None) -> Selection:
    """The page of rows that `filter`, `order` and `start` ask for."""
    return page(matching(table, params, names=names), start_of(params))


def _floor(conditions: Any, names: Mapping[str, str] | None) -> float:
    """The ID above which all rows of the selection lie, so that a walk by >ID need not scan from the beginning."""
    if not isinstance(conditions, Mapping):
        return 0
    floor = 0.0
    for key, value in conditions.items():
        prefix, name = split(str(key))
        if prefix == ">" and (name if names is None else names.get(name)) == "ID" and "logic" not in conditions:
            try:
                floor = max(floor, float(value))
            except (TypeError, ValueError):
                continue
    return floor


def _ordered(rows: Iterable[JsonObject], wanted: Any, names: Mapping[str, str] | None) -> Iterable[JsonObject]:
    if not isinstance(wanted, Mapping):
        return rows
    fields = [(name if names is None else names.get(name, ""), str(way).upper() == "DESC") for name, way in wanted.items()]
    fields = [(name, down) for name, down in fields if name]
    if not fields or fields[0] == ("ID", False):
        return rows
    found = list(rows)
    for name, down in reversed(fields):
        found.sort(key=sort_key(name), reverse=down)
    return found
