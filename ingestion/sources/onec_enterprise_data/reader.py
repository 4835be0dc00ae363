"""Reads EnterpriseData messages: a header with the numbers of the exchange, then objects.

A message that follows another carries only what changed; `УдалениеОбъекта` deletes. What 1C sends is posted and not marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ingestion.formats.files import Part, natural
from ingestion.formats.onec_shape import GUID
from ingestion.formats.spool import Bad, Found, Note, Reading
from ingestion.formats.xml_elements import JsonElements, elements, local_name
from ingestion.sources.onec_enterprise_data.objects import (
    CATALOGS,
    DOCUMENTS,
    MONEY,
    Flattener,
    folders,
    key_of,
    named,
    operation,
    stream_of,
    tags,
)
from ingestion.spec import JsonObject, Record

CONFIGURATION = "ed"
_FORMED = re.compile(r"CreationDate[^>]*>\s*([0-9T:.\-]{10,23})")
_VERSION = re.compile(r"EnterpriseData/(\d+)\.(\d+)")
_MANY = frozenset({"Строка", "СтрокаКИ", "AvailableVersion"})
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_KNOWN = ((1, 2), (1, 21))


class EnterpriseData:
    """The format.

    Args:
        invoices: take invoices (СчетПокупателю) for orders, as a company does that issues no orders.
        node: our code in the exchange; messages from it are our own answers.
    """

    version = 4
    suffixes = frozenset({".xml", ".zip"})

    def __init__(self, *, invoices: bool, node: str | None = None) -> None:
        self._invoices = invoices
        self._node = node
        self._tags = ("Header", "УдалениеОбъекта", *tags(invoices=invoices))

    def formed(self, head: bytes) -> str:
        """CreationDate of the header."""
        found = _FORMED.search(head.decode("utf-8", "ignore"))
        return found[1][:19] if found else ""

    def order(self, name: str) -> object:
        """Messages of one moment in the order of their names."""
        return natural(name)

    def read(self, part: Part) -> Iterator[Reading]:
        """Objects, stubs of what they refer to, deletions; at the end the header (stream messages), so that only a whole message counts."""
        json = JsonElements(_MANY)
        formed = self.formed(part.head)
        moment = datetime.fromisoformat(formed).replace(tzinfo=UTC) if len(formed) >= 10 else None
        told: set[tuple[str, str]] = set()
        header: JsonObject = {}
        for element in elements(part, self._tags):
            name = local_name(str(element.tag))
            members = json.members(element)
            if name == "Header":
                header = members
                if self._node is not None and confirmation_of(header).get("From") == self._node:
                    return
            elif name == "УдалениеОбъекта":
                for key in _deleted(members):
                    for stream in {*CATALOGS.values(), *DOCUMENTS.values(), *MONEY.values()}:
                        yield Found(stream, Record(key, None, moment))
            else:
                yield from self._object(part, name, members, moment, told)
        yield from self._header(part, header)

    def _header(self, part: Part, members: JsonObject) -> Iterator[Reading]:
        confirmation = confirmation_of(members)
        sender, number = str(confirmation.get("From", "")), str(confirmation.get("MessageNo", ""))
        version = _VERSION.search(str(members.get("Format", "")))
        if version and not _KNOWN[0] <= (int(version[1]), int(version[2])) <= _KNOWN[1]:
            yield Note(f"{part.where}: EnterpriseData {version[1]}.{version[2]} is newer than what is known here; known objects are read.")
        if sender:
            yield Found("messages", Record(f"{sender}|{number}", members | {"_file": part.where}))

    def _object(self, part: Part, name: str, members: JsonObject, moment: datetime | None, told: set[tuple[str, str]]) -> Iterator[Reading]:
        found = stream_of(name, invoices=self._invoices)
        if found is None:
            return
        stream, entity = found
        properties = members.pop("КлючевыеСвойства", None)
        if not isinstance(properties, dict) or not key_of(properties):
            yield Bad(stream, members, f"{part.where}: {name} without key properties")
            return
        flattener = Flattener()
        flat = flattener.flat(properties) | flattener.flat(members)
        flat |= named(flat, properties)
        if entity.startswith("Document_"):
            flat |= {"Posted": True, "DeletionMark": False, "СуммаДокумента": flat.get("Сумма")}
            if (kind := operation(entity.removeprefix("Document_"), flat)) is not None:
                flat["ВидОперации"] = kind
                flat.setdefault("ДатаПроведенияБанком", flat.get("ДатаВыписки"))
        above = folders(stream, properties)
        flat |= {"Parent_Key": above[0].key} if above else {}
        flat |= {"IsFolder": True} if entity == "Catalog_НоменклатураГруппа" else {}
        key = str(flat["Ref_Key"])
        told.add((stream, key))
        yield Found(stream, Record(key, flat | {"_entity": entity, "_configuration": CONFIGURATION}, moment))
        for stub in [*flattener.stubs, *above, *(folder for one in flattener.stubs for folder in folders(one.stream, one.members))]:
            if (stub.stream, stub.key) not in told:
                told.add((stub.stream, stub.key))
                shaped = Flattener().flat(stub.members)
                marks = {"_entity": _entity(stub.stream), "_configuration": CONFIGURATION, "DeletionMark": False}
                marks |= {"IsFolder": True} if stub.is_folder else {}
                marks |= {"Parent_Key": higher[0].key} if (higher := folders(stub.stream, stub.members)) else {}
                yield Found(stub.stream, Record(stub.key, shaped | named(shaped, stub.members) | marks, _LONG_AGO))


def _entity(stream: str) -> str:
    return f"Catalog_{next(name for name, one in CATALOGS.items() if one == stream)}"


def _deleted(members: JsonObject) -> Iterator[str]:
    """Guids named in УдалениеОбъекта/СсылкаНаОбъект/<type>."""
    for value in members.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from _deleted(one)
            elif isinstance(one, str) and GUID.fullmatch(one.strip()):
                yield one.strip().lower()


def confirmation_of(header: JsonObject) -> dict[str, Any]:
    """From, To, MessageNo and ExchangePlan of a header."""
    confirmation = header.get("Confirmation")
    return confirmation if isinstance(confirmation, dict) else {}
