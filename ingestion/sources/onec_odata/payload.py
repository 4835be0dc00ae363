"""An entry as 1C sent it, without what says nothing, with what staging cannot know otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ingestion.sources.onec_odata.objects import ATTRIBUTES, Stamp
from ingestion.spec import JsonObject

UNAVAILABLE = "UnavailableEntities.UnavailableEntity_"
_ANNOTATION = "@"  # of a property: its link, in answers of fullmetadata its type
_BINARY = "_Base64Data"


class Unavailable:
    """Counts references to types that are not published: 1C still gives the reference, but no name for its type."""

    def __init__(self) -> None:
        self._count: Counter[tuple[str, str]] = Counter()

    def see(self, field: str, type_name: str) -> None:
        """A composite field `field` (without `_Type`) held a value of this type."""
        if type_name.startswith(UNAVAILABLE):
            self._count[type_name.removeprefix(UNAVAILABLE), field] += 1

    def sentence(self, source: str, entity: str) -> str | None:
        """What to tell the person, None if every type was published."""
        if not self._count:
            return None
        kinds = ", ".join(f"{field} ({count} of type {guid})" for (guid, field), count in sorted(self._count.items()))
        return (
            f"{source}: {entity} refers to objects that 1C does not publish: {kinds}; the references are kept, but what they are is "
            "unknown until those objects are ticked in «Настройка стандартного интерфейса OData»."
        )


def clean(entry: JsonObject, seen: Unavailable) -> JsonObject:
    """The entry without protocol fields, annotations and binary contents, tabular parts included."""
    kept: JsonObject = {}
    for name, value in entry.items():
        if _ANNOTATION in name or name.startswith("odata.") or name.endswith(_BINARY):
            continue
        if name.endswith("_Type") and isinstance(value, str):
            seen.see(name.removesuffix("_Type"), value)
        if isinstance(value, list):
            kept[name] = [clean(row, seen) if isinstance(row, dict) else row for row in value]
        else:
            kept[name] = value
    return kept


def stamp(payload: JsonObject, stamps: Iterable[Stamp]) -> None:
    """Write mapped fields under their standard names, in place."""
    for one in stamps:
        if not one.table:
            _copy(payload, one)
            continue
        rows = payload.get(one.table)
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                _copy(row, one)


def _copy(record: JsonObject, one: Stamp) -> None:
    name, colon, attribute = one.source.partition(":")
    if colon:
        record[one.target] = _attribute(record, name or ATTRIBUTES, attribute)
        return
    held = next((candidate for candidate in (f"{name}_Key", name) if candidate in record), None)
    if held is None:
        return
    value, type_name = record[held], record.get(f"{held}_Type")
    if one.target.startswith("_"):
        record[one.target] = value
        return
    for variant in (one.target, f"{one.target}_Key", f"{one.target}_Type"):
        if variant not in {held, f"{held}_Type"}:
            record.pop(variant, None)
    suffix = "_Key" if held.endswith("_Key") and not name.endswith("_Key") else ""
    record[one.target + suffix] = value
    if type_name is not None:
        record[f"{one.target}_Type"] = type_name


def _attribute(record: JsonObject, table: str, guid: str) -> Any:
    """The value of an additional attribute: a row of a tabular part, found by the guid of its property."""
    rows = record.get(table)
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and str(row.get("Свойство_Key", "")).lower() == guid.lower():
            return row.get("ТекстоваяСтрока") or row.get("Значение")
    return None
