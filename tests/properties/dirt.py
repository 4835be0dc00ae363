"""Records spoilt at random: values of another type, and values of the same type that contradict the rest of the record."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

# what administrators, exchanges and half-written integrations have put into fields of every type
JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, 10**18, 10**40, -(10**15), 1e300, 0.1, "", " ", "-", "0", "нет", "Y", "infinity", "-infinity", "nan",
    "NaN", "epoch", "now", "0001-01-01T00:00:00", "0000-00-00 00:00:00", "3999-12-31T23:59:59", "9999-12-31", "99999-12-31", "290000-01-01",
    "2026-02-30T25:61:00", "31.03.2026", "2026-03-31T10:00:00+99:00", "2026-03-31T10:00:00-12:30", "1e400", "1e30", "-5", "1,5", "1 000.00",
    "999999999999999.99", "-999999999999999.99", "0x1F", "{", "[1,", "[]", "[1, null, {}]", "'; select 1 --", "💥", "я" * 5000, [], {},
    [None], [[]], [{}], {"a": [1]}, [1, "2", {"id": "x"}], {"id": {"id": []}}, "00000000-0000-0000-0000-000000000000", "%", "\\", '"',
)  # fmt: skip
DAYS = ("0001-01-01", "1970-01-01", "2024-02-29", "2025-03-30", "2025-12-31", "2026-03-31", "2026-04-01", "2027-01-01", "3999-12-31")
EPOCHS = (-1, 0, 1, 1709164800, 1743292800, 1767214799, 1767214800, 1774990799, 1774990800, 64060588800)
NUMBERS = (0, 1, -1, 100, 100, 1000)
# what a connector makes the key from: a record under another's id is another record
IDENTITIES = {"id", "ID", "Ref_Key", "Recorder", "uid", "_entity", "_configuration"}


def places(value: Any, *, scalars_only: bool, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """(container, key) of every value inside a record but its identity."""
    if isinstance(value, dict):
        items: Any = [(name, inner) for name, inner in value.items() if depth or name not in IDENTITIES]
    elif isinstance(value, list):
        items = list(enumerate(value))
    else:
        return
    for name, inner in items:
        is_container = isinstance(inner, dict | list)
        if not (is_container and scalars_only):
            yield value, name
        if is_container:
            yield from places(inner, scalars_only=scalars_only, depth=depth + 1)


def spoil(record: Any, rng: Random, changes: int) -> None:
    """Replace values of the record, whole lists and objects among them, by anything."""
    for _ in range(changes):
        found = list(places(record, scalars_only=False))
        if found:
            container, name = rng.choice(found)
            container[name] = deepcopy(rng.choice(JUNK))


def contradict(record: Any, rng: Random, changes: int, others: list[Any]) -> None:
    """Replace values of the record by others of the same kind: other days, signs, sizes, references that other records have."""
    found = list(places(record, scalars_only=True))
    for container, name in rng.sample(found, min(changes, len(found))):
        container[name] = _other(container[name], name, rng, others)


def _other(value: Any, name: Any, rng: Random, others: list[Any]) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        if str(name).endswith("_at"):
            return rng.choice(EPOCHS)
        return rng.choice((*NUMBERS, -value, value * 1000, value + 1))
    if isinstance(value, str):
        if len(value) >= 10 and value[4:5] == "-" and value[7:8] == "-" and value[:4].isdigit():
            return rng.choice(DAYS) + value[10:]
        if value.replace(".", "", 1).lstrip("-").isdigit():
            return str(rng.choice((*NUMBERS, "-" + value if value[0] != "-" else value[1:], value + "0")))
    # the same field of another record: a stage, a currency, a customer, a document that this one has nothing to do with
    same = [one.get(name) for one in rng.sample(others, min(3, len(others))) if isinstance(one, dict)]
    return rng.choice((*same, "", None))
