"""Bitrix24's `filter` and `order`: prefixes in the keys, values compared as their field's type, nested OR groups."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ingestion.sandbox.clock import MOSCOW
from ingestion.spec import JsonObject

PREFIX = re.compile(r"^(!=%|!%=|!><|>=|<=|><|!@|!%|!=|=%|%=|>|<|@|!|=|%|\?)?(.*)$", re.DOTALL)
MOMENT = re.compile(r"^\d{4}-\d\d-\d\d")

Predicate = Callable[[JsonObject], bool]
Compare = Callable[[Any, Any], bool]


class NotAllowedError(ValueError):
    """A field that the filter does not know; `args[0]` is its name as given."""


def split(key: str) -> tuple[str, str]:
    """`>=DATE_MODIFY` → (`>=`, `DATE_MODIFY`)."""
    found = PREFIX.match(key)
    if found is None:  # the pattern matches every text
        return "", key
    return found[1] or "", found[2]


def compile_filter(conditions: Any, names: Mapping[str, str] | None) -> Predicate:
    """A test for records.

    Args:
        conditions: the `filter` object; nested objects are groups, `logic: "OR"` joins a group by OR.
        names: filter name → record field; a name that is missing there raises NotAllowedError. None takes names as they are and lets
            unknown ones pass without effect, as the older methods do.
    """
    if not conditions:
        return lambda _row: True
    either = False
    parts: list[Predicate] = []
    entries = conditions.items() if isinstance(conditions, Mapping) else enumerate(conditions)
    for key, value in entries:
        if str(key).lower() == "logic":
            either = str(value).upper() == "OR"
        elif isinstance(value, Mapping) or (isinstance(value, list) and value and isinstance(value[0], Mapping)):
            parts.append(compile_filter(value, names))
        else:
            parts.append(_condition(str(key), value, names))
    if either:
        return lambda row: any(part(row) for part in parts)
    return lambda row: all(part(row) for part in parts)


def _condition(key: str, value: Any, names: Mapping[str, str] | None) -> Predicate:
    prefix, name = split(key)
    field = name
    if names is not None:
        if name not in names:
            raise NotAllowedError(name)
        field = names[name]
    compare = _comparison(prefix, value)

    def holds(row: JsonObject) -> bool:
        if field not in row:
            return names is None
        return compare(row[field], value)

    return holds


def _comparison(prefix: str, value: Any) -> Compare:
    if prefix in {"@", "", "="} and isinstance(value, list):
        return _in
    if prefix in {"!@", "!", "!="} and isinstance(value, list):
        return lambda stored, wanted: not _in(stored, wanted)
    return _COMPARISONS[prefix]


def _in(stored: Any, wanted: Any) -> bool:
    many = wanted if isinstance(wanted, list) else str(wanted).split(",")
    return any(_equal(stored, one) for one in many)


def _equal(stored: Any, wanted: Any) -> bool:
    if wanted in (None, "", 0, "0"):
        return stored in (None, "", 0)
    if isinstance(stored, bool):
        return stored is (str(wanted).lower() in {"1", "y", "true"})
    low, high = _pair(stored, wanted)
    return bool(low == high)


def _pair(stored: Any, wanted: Any) -> tuple[Any, Any]:
    """Both sides as comparable values; an empty or unreadable number counts as 0, as in MySQL."""
    if isinstance(stored, (int, float)) and not isinstance(stored, bool):
        try:
            return stored, float(wanted)
        except (TypeError, ValueError):
            return stored, 0.0
    if isinstance(stored, str) and MOMENT.match(stored):
        return stored, moment(wanted)
    return "" if stored is None else str(stored), str(wanted)


def moment(value: Any) -> str:
    """A filter's date in the server's zone, written as records are; a value without a zone is server time."""
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=MOSCOW)
    return aware.astimezone(MOSCOW).isoformat(timespec="seconds")


def _ordered(test: Callable[[Any, Any], bool]) -> Compare:
    def compare(stored: Any, wanted: Any) -> bool:
        return stored is not None and test(*_pair(stored, wanted))

    return compare


def _like(stored: Any, wanted: Any, *, marked: bool) -> bool:
    pattern = re.escape(str(wanted)).replace("%", ".*") if marked else f".*{re.escape(str(wanted))}.*"
    return re.fullmatch(pattern, str(stored or ""), re.IGNORECASE | re.DOTALL) is not None


_COMPARISONS: dict[str, Compare] = {
    "": _equal,
    "=": _equal,
    "!": lambda stored, wanted: not _equal(stored, wanted),
    "!=": lambda stored, wanted: not _equal(stored, wanted),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    "@": _in,
    "!@": lambda stored, wanted: not _in(stored, wanted),
    "%": lambda stored, wanted: _like(stored, wanted, marked=False),
    "?": lambda stored, wanted: _like(stored, wanted, marked=False),
    "!%": lambda stored, wanted: not _like(stored, wanted, marked=False),
    "=%": lambda stored, wanted: _like(stored, wanted, marked=True),
    "%=": lambda stored, wanted: _like(stored, wanted, marked=True),
    "!=%": lambda stored, wanted: not _like(stored, wanted, marked=True),
    "!%=": lambda stored, wanted: not _like(stored, wanted, marked=True),
    "><": lambda stored, wanted: all((_ordered(lambda a, b: a >= b)(stored, wanted[0]), _ordered(lambda a, b: a <= b)(stored, wanted[1]))),
    "!><": lambda stored, wanted: not _COMPARISONS["><"](stored, wanted),
}


def sort_key(field: str) -> Callable[[JsonObject], tuple[int, Any, Any]]:
    """Order by a field, nothing first, ties by ID."""

    def key(row: JsonObject) -> tuple[int, Any, Any]:
        value = row.get(field)
        return (0, 0, row["ID"]) if value is None else (1, value, row["ID"])

    return key
