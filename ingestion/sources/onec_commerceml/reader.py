"""Reads CommerceML files into records of streams.

A file may be whole or one of a set (import, offers, prices, rests, orders), with a namespace or without, in UTF-8 or cp1251. One
`Предложение` may hold name, prices and stock together or any of them alone, so each goes to a stream of its own. What a file says is
complete (`СодержитТолькоИзменения` = false) deletes what it no longer names; a mark for deletion deletes at once.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from ingestion.formats.files import Part, natural
from ingestion.formats.spool import Bad, Found, Note, Reading, Whole
from ingestion.formats.xml_elements import JsonElements, elements, foreign, local_name
from ingestion.sources.onec_commerceml.shapes import MANY, TAGS, document_key, id_of, is_deleted, other_side_first, text_at
from ingestion.spec import Record

_FORMED = re.compile('Дата(?:Формирования)?="([^"]+)"')
_KINDS = ("import", "classifier", "goods", "offers", "prices", "rests", "contragents", "orders", "documents")
_PRICES = frozenset({"Цены", "Цена", "@Цена"})
_STOCK = frozenset({"Остатки", "Склад", "Количество", "@Количество"})
_SHARED = frozenset({"Ид", "@Ид", "@Товар", "@ИдентификаторТовара", "НомерВерсии", "ПометкаУдаления", "@Статус"})


class CommerceML:
    """The format."""

    version = 4
    suffixes = frozenset({".xml", ".zip"})

    def formed(self, head: bytes) -> str:
        """ДатаФормирования of the root (1.x: Дата)."""
        try:  # what is declared may lie; bytes of one encoding are hardly ever text in the other
            text = codecs.getincrementaldecoder("utf-8")().decode(head[:4096])
        except UnicodeDecodeError:
            text = head[:4096].decode("cp1251", "ignore")
        found = _FORMED.search(text)
        return found[1].strip().replace(" ", "T") if found else ""

    def order(self, name: str) -> object:
        """Catalogues before offers, prices and stock, each in the order of their numbers."""
        lower = name.lower().replace("\\", "/")
        base = lower.rpartition("/")[2]
        place = next((number for number, kind in enumerate(_KINDS) if base.startswith(kind)), len(_KINDS))
        return place, natural(lower)

    def read(self, part: Part) -> Iterator[Reading]:
        """Everything in a file."""
        if not part.head.strip():
            yield Note(f"{part.where}: the file is empty; an export without changes has at least a root element.")
            return
        if said := foreign(part, "1c_commerceml"):  # a site's error page, say; if it is damaged as well, that is told below
            yield Note(said)
        yield from _File(self, part).things()


class _Scope:
    """A catalogue or a package of offers: what the records in it are complete for."""

    def __init__(self, element: etree._Element, kind: str, formed: str) -> None:
        own = _child_text(element, "Ид") or element.get("Идентификатор") or ""
        root = element.getroottree().getroot()
        changes = element.get("СодержитТолькоИзменения") or _child_text(element, "СодержитТолькоИзменения")
        changes = changes or root.get("СодержитТолькоИзменения") or ""
        self.mark = f"{kind}:{own}"
        self.is_whole = changes.strip().lower() in {"false", "0"}
        self.session = formed[:10]
        self.fed: set[str] = set()


class _File:
    """One file being read."""

    def __init__(self, files: CommerceML, part: Part) -> None:
        self._part = part
        self._formed = files.formed(part.head)
        self._json = JsonElements(MANY)
        self._scopes: dict[str, _Scope] = {}
        self._holder: etree._Element | None = None
        self._scope: _Scope | None = None
        self._entered: _Scope | None = None
        self._order: tuple[etree._Element, str] | None = None

    def things(self) -> Iterator[Reading]:
        """Records, then which scopes were complete."""
        for element in elements(self._part, TAGS):
            name = local_name(str(element.tag))
            for found in self._records(name, element):
                if isinstance(found, Found) and self._scope is not None:
                    self._scope.fed.add(found.stream)
                yield found
        for scope in self._scopes.values():
            if scope.is_whole:
                for stream in sorted(scope.fed):
                    yield Whole(stream, scope.mark, scope.session)

    def _records(self, name: str, element: etree._Element) -> Iterator[Reading]:
        if name == "Товар":
            self._enter(element, "catalog")
            yield self._record("products", self._json.members(element))
        elif name == "Предложение":
            self._enter(element, "offers")
            yield from self._offer(self._json.members(element))
        elif name == "Документ":
            self._scope = None
            yield self._document(element)
        elif name == "Контрагент":
            self._scope = None
            yield self._record("counterparties", self._json.members(element))
        else:
            self._scope = None
            yield from self._reference(name, element)

    def _reference(self, name: str, element: etree._Element) -> Iterator[Reading]:
        members = self._json.members(element)
        if name == "Группа":
            yield from self._group(members, "")
        elif name == "Группы":
            for group in members.get("Группа", ()):
                yield from self._group(group, "")
        else:
            stream, item = {
                "Свойства": ("properties", ("Свойство", "СвойствоНоменклатуры")),
                "ТипыЦен": ("price_types", ("ТипЦены",)),
                "Склады": ("warehouses", ("Склад",)),
            }[name]
            for one in item:
                for held in members.get(one, ()):
                    yield self._record(stream, held)

    def _group(self, members: Any, parent: str) -> Iterator[Reading]:
        if not isinstance(members, dict):
            return
        inner = members.pop("Группы", None)
        below = [*(inner.get("Группа", ()) if isinstance(inner, dict) else ()), *members.pop("Группа", ())]
        members["_parent"] = parent or text_at(members, "@Родитель")
        yield self._record("groups", members)
        for one in below:
            yield from self._group(one, id_of(members))

    def _offer(self, members: dict[str, Any]) -> Iterator[Reading]:
        names = members.keys() - _PRICES - _STOCK - _SHARED
        deleted = is_deleted(members)
        shared = {key: members[key] for key in _SHARED & members.keys()}
        if names or deleted:
            yield self._record("offers", {key: value for key, value in members.items() if key not in _PRICES | _STOCK})
        for stream, keys in (("prices", _PRICES), ("stock", _STOCK)):
            if deleted or keys & members.keys():
                yield self._record(stream, shared | {key: members[key] for key in members if key in keys})

    def _document(self, element: etree._Element) -> Reading:
        members = self._json.members(element)
        holder = element.getparent()
        if holder is not None and local_name(str(holder.tag)) == "Контейнер":
            # an order, its payments and its shipments stand beside each other; the order comes first
            if self._order is None or self._order[0] is not holder:
                self._order = (holder, text_at(members, "Ид", "@Ид"))
            members["_container"] = self._order[1]
        key = document_key(members)
        if not key:
            return Bad("documents", members, f"{self._part.where}: a document without id, number and date")
        other_side_first(members)
        members["_formed"] = self._formed[:19] or None
        return Found("documents", Record(key, None if is_deleted(members) else members))

    def _record(self, stream: str, members: Any) -> Reading:
        key = id_of(members) if isinstance(members, dict) else ""
        if not key:
            return Bad(stream, members, f"{self._part.where}: a record of {stream} without an id")
        mark = self._scope.mark if self._scope is not None else None
        return Found(stream, Record(key, None if is_deleted(members) else members, version=mark))

    def _enter(self, element: etree._Element, kind: str) -> None:
        """Find the catalogue or package that the record stands in."""
        holder = element.getparent()
        if holder is not None and local_name(str(holder.tag)) in {"Товары", "Предложения"}:
            holder = holder.getparent()
        if holder is not self._holder:
            self._holder = holder
            scope = _Scope(holder, kind, self._formed) if holder is not None else None
            self._entered = None if scope is None else self._scopes.setdefault(scope.mark, scope)
        self._scope = self._entered


def _child_text(element: etree._Element, name: str) -> str:
    for child in element.iterchildren(f"{{*}}{name}"):
        return (child.text or "").strip()
    return ""
