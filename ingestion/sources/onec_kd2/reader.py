"""Reads «ФайлОбмена»: objects with properties, tabular parts and references that point to earlier objects by their number in the file.

A reference is told by its guid; one that is searched by code or name only becomes a key made of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingestion.formats.files import Part, natural
from ingestion.formats.onec_shape import GUID, Shaper, entity_of, put, standard_names
from ingestion.formats.spool import Bad, Found, Note, Reading
from ingestion.formats.xml_elements import JsonElements, elements, foreign, local_name
from ingestion.sources.onec_kd2.numbers import NumberedKeys
from ingestion.spec import JsonObject, Record

_FORMED = re.compile('ДатаВыгрузки="([^"]+)"')
_MANY = frozenset({"Свойство", "ТабличнаяЧасть", "Запись", "Объект", "СтрокиНабораЗаписей"})
_ID = "{УникальныйИдентификатор}"


class ExchangeFile2:
    """The format, for one configuration.

    Args:
        shaper: of the configuration.
    """

    version = 1
    suffixes = frozenset({".xml", ".zip"})

    def __init__(self, shaper: Shaper) -> None:
        self._shaper = shaper

    def formed(self, head: bytes) -> str:
        """ДатаВыгрузки of the root."""
        found = _FORMED.search(head[:8192].decode("utf-8", "ignore"))
        return found[1][:19] if found else ""

    def order(self, name: str) -> object:
        """Files of one moment in the order of their names."""
        return natural(name)

    def read(self, part: Part) -> Iterator[Reading]:
        """Every object that feeds a stream."""
        return _File(self._shaper, part).things()


class _File:
    """One file being read, with the references met so far: number in the file -> key."""

    def __init__(self, shaper: Shaper, part: Part) -> None:
        self._shaper = shaper
        self._part = part
        self._keys = NumberedKeys()

    def things(self) -> Iterator[Reading]:
        """Objects, register rows and deletions."""
        if said := foreign(self._part, "1c_kd2", older_roots=True):
            yield Note(said)
            return
        json = JsonElements(_MANY)
        for element in elements(self._part, ("Объект", "НаборЗаписейРегистра", "УдалениеОбъекта")):
            name = local_name(str(element.tag))
            members = json.members(element)
            entity = entity_of(str(members.get("@Тип", "")))
            stream = self._shaper.stream(entity)
            if name == "Объект":
                yield from self._object(stream, entity, members)
            elif stream is None or entity is None:
                continue
            elif name == "УдалениеОбъекта":
                if key := self._key(members.get("Ссылка")):
                    yield Found(stream, Record(key, None))
            else:
                for record in self._shaper.register(entity, *self._rows(members, standard_names(entity))):
                    yield Found(stream, record)

    def _object(self, stream: str | None, entity: str | None, members: JsonObject) -> Iterator[Reading]:
        key = self._key(members.get("Ссылка"))
        if key and (number := members.get("@Нпп")):
            self._keys.put(str(number), key)
        if stream is None or entity is None:
            return
        names = standard_names(entity)
        shaped = self._shaped(members, names)
        if key:
            shaped["Ref_Key"] = key
            for one in _properties(members.get("Ссылка")):  # what the object is searched by stands nowhere else
                name = _name(one, names)
                if not name.startswith("{") and name not in shaped:
                    self._put(shaped, name, one)
        record = self._shaper.record(entity, shaped)
        if record is None:
            yield Bad(stream, members, f"{self._part.where}: object {members.get('@Нпп', '?')} has no reference of its own")
        else:
            yield Found(stream, record)

    def _rows(self, members: JsonObject, names: Mapping[str, str]) -> tuple[list[JsonObject], JsonObject]:
        """The rows of a set, and what it is filtered by."""
        rows = []
        for held in members.get("СтрокиНабораЗаписей", ()):
            if isinstance(held, dict):
                rows += [self._shaped(row, names) for row in held.get("Объект", ()) if isinstance(row, dict)]
        chosen = members.get("Фильтр") or members.get("Отбор")
        return rows, self._shaped(chosen, names) if isinstance(chosen, dict) else {}

    def _shaped(self, members: JsonObject, names: Mapping[str, str]) -> JsonObject:
        found: JsonObject = {}
        for one in _properties(members):
            name = _name(one, names)
            if name and not name.startswith("{"):
                self._put(found, name, one)
        for table in members.get("ТабличнаяЧасть", ()):
            if isinstance(table, dict):
                rows = [self._shaped(row, {}) for row in table.get("Запись", ()) if isinstance(row, dict)]
                found[str(table.get("@Имя", ""))] = [{"LineNumber": str(number)} | row for number, row in enumerate(rows, 1)]
        return found

    def _put(self, found: JsonObject, name: str, one: JsonObject) -> None:
        kind = str(one.get("@Тип", ""))
        if "Ссылка" in one or "Нпп" in one:
            key = self._key(one.get("Ссылка")) or self._keys.get(_text(one.get("Нпп")))
            entity = entity_of(kind)
            if entity is not None and key:
                found[f"{name}_Key"] = key
                found[name], found[f"{name}_Type"] = key, f"StandardODATA.{entity}"
        elif "Значение" in one:
            value = one["Значение"]
            put(found, name, value.get("#text", "") if isinstance(value, dict) else value)
        else:
            found[name] = None

    def _key(self, reference: Any) -> str:
        """The key that a `Ссылка` means: its guid, the earlier object it repeats, or what it is searched by."""
        if not isinstance(reference, dict):
            return self._keys.get(_text(reference))
        properties = _properties(reference)
        guid = next((_text(one.get("Значение")) for one in properties if one.get("@Имя") == _ID), "")
        number = str(reference.get("@Нпп") or reference.get("@ГНпп") or "")
        if GUID.fullmatch(guid):
            key = guid.lower()
        else:
            searched = [_text(one.get("Значение")) for one in properties]
            key = "/".join(text for text in searched if text) or self._keys.get(number)
        if key and number:
            self._keys.put(number, key)
        return key


def _properties(members: Any) -> list[JsonObject]:
    held = members.get("Свойство", ()) if isinstance(members, dict) else ()
    return [one for one in held if isinstance(one, dict)]


def _name(one: JsonObject, names: Mapping[str, str]) -> str:
    sent = str(one.get("@Имя", ""))
    return names.get(sent, sent)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("#text", "")
    return value.strip() if isinstance(value, str) else ""
