"""Query strings in PHP's bracket notation, which both CRMs read: `filter[statuses][0][pipeline_id]=5`, `select[]=ID`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

_PART = re.compile(r"\[([^\]]*)\]")


def parse(text: str) -> dict[str, Any]:
    """Nested dictionaries of strings; a list is a dictionary with the keys "0", "1", …, as in PHP."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, bracket, _ = name.partition("[")
        path = [head, *(_PART.findall(name[len(head) :]) if bracket else ())]
        _set(tree, path, value)
    return tree


def _set(tree: dict[str, Any], path: list[str], value: str) -> None:
    node = tree
    for number, part in enumerate(path):
        key = part if part or number == 0 else str(sum(1 for known in node if known.isdigit()))
        if number == len(path) - 1:
            node[key] = value
            return
        below = node.get(key)
        if not isinstance(below, dict):
            below = node[key] = {}
        node = below


def lists(value: Any) -> Any:
    """The same tree with dictionaries that number their entries 0, 1, … turned into lists."""
    if not isinstance(value, dict):
        return value
    if value and list(value) == [str(number) for number in range(len(value))]:
        return [lists(item) for item in value.values()]
    return {key: lists(item) for key, item in value.items()}


def several(value: Any) -> list[str]:
    """One or many values: `a`, `a,b`, `[0]=a&[1]=b` or `[]=a`."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [item for entry in value.values() for item in several(entry)]
    return [item.strip() for item in str(value).split(",") if item.strip()]
