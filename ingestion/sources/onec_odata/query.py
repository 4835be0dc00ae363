"""Addresses and filters as 1C reads them.

1C does not decode `+` as a blank inside $filter (it answers 400 or 500), so nothing here goes through a form encoder: values are
percent-encoded with `%20`. Web servers in front of 1C refuse long query strings (IIS: about 2 KB), so lists of keys are cut by length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

MAX_QUERY = 1900
"""Characters of an encoded query string; IIS refuses from 2048 on."""

_BESIDE_FILTER = 300
"""Of them for the options that stand beside a filter."""

MAX_KEYS = 20
"""References in one filter: 25 went through, 30 failed on a live base."""

_QUERY_SAFE = "':,()/*$"
_ROOT_SAFE = ":/%@[]~!$&'()*+,;="


def root_url(url: str) -> str:
    """The publication's address with Cyrillic names percent-encoded and no slash at the end."""
    return quote(url.strip().rstrip("/"), safe=_ROOT_SAFE)


def path(names: str) -> str:
    """Names below the root, percent-encoded; the slashes between them stay (`%2F` is «entity not found»)."""
    return quote(names, safe="/$(),':=")


def encode(value: str) -> str:
    """One value of a query option."""
    return quote(value, safe=_QUERY_SAFE)


def query_string(options: Mapping[str, str]) -> str:
    """`name=value&…` with the names as they are; empty values are left out."""
    return "&".join(f"{name}={encode(value)}" for name, value in options.items() if value)


def guid(ref: str) -> str:
    """The literal of a reference."""
    return f"guid'{ref}'"


def moment(value: datetime) -> str:
    """The literal of a date; 1C refuses one without its time part. `value` is wall time of the base."""
    return f"datetime'{value:%Y-%m-%dT%H:%M:%S}'"


def text(value: str) -> str:
    """The literal of a string."""
    return "'" + value.replace("'", "''") + "'"


def typed_ref(ref: str, entity: str) -> str:
    """The literal of a reference of several types: without the cast 1C finds nothing and says nothing."""
    return f"cast({guid(ref)},{text(entity)})"


def either(conditions: Iterable[str]) -> str:
    """Conditions of which one must hold."""
    return " or ".join(conditions)


def both(*conditions: str) -> str:
    """Conditions that must all hold; empty ones are left out."""
    parts = [condition for condition in conditions if condition]
    if len(parts) == 1:
        return parts[0]
    return " and ".join(f"({part})" if " or " in part else part for part in parts)


def between(field: str, start: datetime | None, end: datetime | None) -> str:
    """`start` <= field < `end`; None leaves a side open."""
    sides = []
    if start is not None:
        sides.append(f"{field} ge {moment(start)}")
    if end is not None:
        sides.append(f"{field} lt {moment(end)}")
    return " and ".join(sides)


def batches(keys: Sequence[str], condition: Callable[[str], str]) -> Iterator[tuple[list[str], str]]:
    """Cut keys into groups whose `or`-joined conditions leave room in `MAX_QUERY` encoded characters and have `MAX_KEYS` members at most.

    Yields:
        The keys of a group, and the filter that finds them.
    """
    group: list[str] = []
    conditions: list[str] = []
    length = 0
    for key in keys:
        one = condition(key)
        size = len(encode(one)) + len("%20or%20")
        if group and (len(group) == MAX_KEYS or length + size > MAX_QUERY - _BESIDE_FILTER):
            yield group, either(conditions)
            group, conditions, length = [], [], 0
        group.append(key)
        conditions.append(one)
        length += size
    if group:
        yield group, either(conditions)
