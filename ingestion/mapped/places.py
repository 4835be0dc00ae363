"""Where a value stands in a record: `name`, `company.id`, `phones[0].value`, `phones[*].value`, or made of several: `{last} {first}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ingestion.mapped.values import plain

_STEP = re.compile(r"([^.\[\]]+)|\[(\*|\d+)\]")
_HOLE = re.compile(r"\{([^{}]+)\}")


def value_at(record: Any, path: str) -> Any:
    """The value at a path or of a template; None where nothing is there. A name with dots wins over the path it looks like."""
    if "{" in path:
        return _filled(record, path)
    exact = _named(record, path)
    if exact is not None:
        return exact
    found = record
    steps = _STEP.findall(path)
    for position, (name, index) in enumerate(steps):
        if index == "*":
            rest = "".join(f".{name}" if name else f"[{number}]" for name, number in steps[position + 1 :]).lstrip(".")
            items = found if isinstance(found, list) else [] if found is None else [found]
            return [value for item in items if (value := value_at(item, rest) if rest else item) is not None] or None
        found = _item(found, int(index)) if index else _named(found, name)
        if found is None:
            return None
    return found


def is_there(record: Any, path: str) -> bool:
    """Whether a record has a place of that name, empty or not; a template is always there."""
    return "{" in path or value_at(record, path) is not None or (isinstance(record, Mapping) and _key(record, path) is not None)


def list_at(body: Any, path: str) -> list[Any] | None:
    """The records of an answer: the list at a path ("" is the answer itself); the values of an object; None where there is neither."""
    found = value_at(body, path) if path else body
    if isinstance(found, Mapping):
        return list(found.values()) if found and all(isinstance(value, Mapping) for value in found.values()) else [found]
    return found if isinstance(found, list) else None


def _filled(record: Any, template: str) -> str | None:
    """The template with its holes filled; None when every hole is empty, so that `person:{id}` of nobody is nobody."""
    values = [value_at(record, name) for name in _HOLE.findall(template)]
    if all(value is None or value == "" for value in values):
        return None
    texts = iter(values)
    return _HOLE.sub(lambda _hole: "" if (value := next(texts)) is None else plain(value), template).strip() or None


def _item(found: Any, index: int) -> Any:
    if not isinstance(found, list):
        return found if index == 0 else None  # XML and PHP write a list of one as the one
    return found[index] if index < len(found) else None


def _named(record: Any, name: str) -> Any:
    key = _key(record, name) if isinstance(record, Mapping) else None
    return None if key is None else record[key]


def _key(record: Mapping[str, Any], name: str) -> str | None:
    if name in record:
        return name
    lowered = name.lower()  # databases fold the case of column names each in its own way
    return next((key for key in record if isinstance(key, str) and key.lower() == lowered), None)
