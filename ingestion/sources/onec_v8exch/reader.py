"""Reads V8Exch dumps: children of `Data`, each an object with its attributes by name and its tabular rows as repeated elements.

References are bare guids; a value of a composite type carries `xsi:type`. Unprefixed dumps of older platforms read the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingestion.formats.damage import DamagedFileError
from ingestion.formats.files import Part, natural
from ingestion.formats.onec_shape import Shaper, entity_of, put
from ingestion.formats.spool import Bad, Found, Note, Reading
from ingestion.formats.xml_elements import JsonElements, elements, foreign, local_name
from ingestion.spec import JsonObject

_FAST_INFOSET = b"\xe0\x00\x00\x01"
_SKIPPED = frozenset({"@type", "#text"})


class V8Exch:
    """The format, for one configuration.

    Args:
        shaper: of the configuration.
        entities: OData names of the objects that feed a stream.
    """

    version = 2
    suffixes = frozenset({".xml", ".zip"})

    def __init__(self, shaper: Shaper, entities: frozenset[str]) -> None:
        self._shaper = shaper
        self._tags = tuple(sorted(_tag(entity) for entity in entities))

    def formed(self, head: bytes) -> str:  # noqa: ARG002 - the format does not say when
        """A dump does not say when it was made."""
        return ""

    def order(self, name: str) -> object:
        """Dumps of one moment in the order of their names."""
        return natural(name)

    def read(self, part: Part) -> Iterator[Reading]:
        """Every object that feeds a stream."""
        if part.head.startswith(_FAST_INFOSET):
            raise DamagedFileError(part.where, "it is binary (FastInfoset); make the dump again without «Использовать формат FastInfoset»")
        if said := foreign(part, "1c_v8exch", older_roots=True):
            yield Note(said)
            return
        json = JsonElements()
        for element in elements(part, self._tags):
            name = local_name(str(element.tag))
            entity = entity_of(name)
            stream = self._shaper.stream(entity)
            if entity is None or stream is None:
                continue
            members = json.members(element)
            if "RecordSet." in name:
                yield from self._rows(stream, entity, members)
                continue
            record = self._shaper.record(entity, shaped(members))
            if record is None:
                yield Bad(stream, members, f"{part.where}: {name} without Ref")
            else:
                yield Found(stream, record)

    def _rows(self, stream: str, entity: str, members: JsonObject) -> Iterator[Reading]:
        held = members.get("Record", [])
        rows = [shaped(row) for row in (held if isinstance(held, list) else [held]) if isinstance(row, dict)]
        chosen = members.get("Filter")
        common = {name: value for name, value in shaped(chosen).items() if name.startswith("Recorder")} if isinstance(chosen, dict) else {}
        for record in self._shaper.register(entity, rows, common):
            yield Found(stream, record)


def shaped(members: JsonObject) -> JsonObject:
    """Attributes and tabular parts as OData has them."""
    found: JsonObject = {}
    for name, value in members.items():
        if name in _SKIPPED:
            continue
        if isinstance(value, dict) and "@type" in value:
            put(found, name, value.get("#text", ""), str(value["@type"]))
        elif isinstance(value, dict):
            found[name] = _table(value)
        elif isinstance(value, list):
            found[name] = _numbered([shaped(row) for row in value if isinstance(row, dict)])
        else:
            put(found, name, value)
    return found


def _table(value: JsonObject) -> Any:
    """A tabular part of one row, or one that gathers its rows under `Row`."""
    rows = value.get("Row")
    if rows is None or len(value) > 1:
        return _numbered([shaped(value)])
    return _numbered([shaped(row) for row in (rows if isinstance(rows, list) else [rows]) if isinstance(row, dict)])


def _numbered(rows: list[JsonObject]) -> list[JsonObject]:
    return [{"LineNumber": str(number)} | row for number, row in enumerate(rows, 1)]


def _tag(entity: str) -> str:
    kind, _, name = entity.partition("_")
    return f"{kind}{'RecordSet' if kind.endswith('Register') else 'Object'}.{name}"
