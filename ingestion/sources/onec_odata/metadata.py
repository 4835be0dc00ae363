"""What a base publishes: `$metadata` (EDMX of OData 3, 5–15 MB for a full base) and the service document, read as streams.

Only what the connector asks about is kept: properties and keys of the wanted types. Configuration enums are plain strings there,
platform enums list a member twice, and the order of properties says nothing; none of that matters here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from xml.parsers import expat

import orjson

_BOM = b"\xef\xbb\xbf"


class MetadataError(ValueError):
    """The document is no usable description of a base."""


@dataclass(frozen=True, slots=True)
class EntityType:
    """A published type.

    Attributes:
        name: of the entity set, e.g. Document_ЗаказКлиента.
        properties: declared name -> EDM type; None when nothing is known about them.
        key: names of the key properties.
    """

    name: str
    properties: dict[str, str] | None
    key: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Whether the property is declared; anything may be there while nothing is known."""
        return self.properties is None or name in self.properties

    def declared(self, *names: str) -> list[str]:
        """Those of the names that are declared, in the order given."""
        return [name for name in names if self.has(name)]

    def find(self, base: str) -> str | None:
        """The property that holds a logical value: `X`, or the reference `X_Key`, or the composite `X` beside `X_Type`."""
        if self.properties is None:
            return base
        for name in (f"{base}_Key", base):
            if name in self.properties:
                return name
        return None


@dataclass(slots=True)
class Schema:
    """What a base publishes, as far as it was asked about.

    Attributes:
        published: names of all entity sets.
        types: the wanted types by name; balance tables under `<register>_Balance`.
        described: False when only names are known (no readable `$metadata`).
        probe: finds out about a type by asking for one of its entries; only when nothing describes it.
    """

    published: set[str] = field(default_factory=set)
    types: dict[str, EntityType] = field(default_factory=dict)
    described: bool = True
    probe: Callable[[str], EntityType] | None = None

    def type(self, name: str) -> EntityType | None:
        """The published type of that name; with nothing but names known, one whose properties are unknown."""
        if name in self.types and (name in self.published or name.endswith("_Balance")):  # a balance is a complex type, no entity set
            return self.types[name]
        if name not in self.published and f"{name}_RecordType" not in self.published:  # of a register its flat rows are enough
            return None
        if self.probe is None:
            return EntityType(name, None)
        self.types[name] = self.probe(name)
        return self.types[name]

    def first(self, candidates: Collection[str]) -> EntityType | None:
        """The first candidate that is published."""
        return next((found for name in candidates if (found := self.type(name)) is not None), None)


class _Reader:
    """Expat handlers: collects the wanted types, refuses anything but plain elements."""

    def __init__(self, wanted: Collection[str]) -> None:
        self.schema = Schema()
        self._wanted = wanted
        self._name = ""
        self._properties: dict[str, str] | None = None
        self._key: list[str] = []
        self.saw_root = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        element = tag.rpartition(":")[2]
        if element == "Edmx":
            self.saw_root = True
        elif element == "EntitySet":
            self.schema.published.add(attributes.get("Name", ""))
        elif element in {"EntityType", "ComplexType"}:
            name = attributes.get("Name", "")
            if name in self._wanted:
                self._name, self._properties, self._key = name, {}, []
        elif self._properties is None:
            return
        elif element == "Property":
            self._properties[attributes.get("Name", "")] = attributes.get("Type", "")
        elif element == "PropertyRef":
            self._key.append(attributes.get("Name", ""))

    def end(self, tag: str) -> None:
        if self._properties is not None and tag.rpartition(":")[2] in {"EntityType", "ComplexType"}:
            self.schema.types[self._name] = EntityType(self._name, self._properties, tuple(self._key))
            self._properties = None


def plain_parser(what: str) -> expat.XMLParserType:
    """A parser of plain elements; handlers are the caller's.

    A document type or entities (a way to make a parser read files or fill the memory) end it with a MetadataError that names `what`.
    """

    def refuse(*_: Any) -> None:
        message = f"the {what} declares a document type or entities, which 1C never does"
        raise MetadataError(message)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def parse_whole(parser: expat.XMLParserType, content: bytes, what: str) -> None:
    """Give a parser a whole document, with or without a byte order mark.

    Raises:
        MetadataError: broken off or no XML; names `what`.
    """
    try:
        parser.Parse(content.removeprefix(_BOM), True)
    except expat.ExpatError as error:
        message = f"the {what} is broken off or is no XML ({error})"
        raise MetadataError(message) from None


def parse_metadata(content: bytes, wanted: Collection[str]) -> Schema:
    """Read an EDMX document.

    Args:
        content: the document.
        wanted: names of the types whose properties are kept; entity sets are all kept by name.

    Raises:
        MetadataError: broken, no EDMX, or with a DTD.
    """
    reader = _Reader(wanted)
    parser = plain_parser("description")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parse_whole(parser, content, "description")
    if not reader.saw_root:
        message = "the answer is XML, but no description of a base"
        raise MetadataError(message)
    return reader.schema


def parse_service_document(content: bytes) -> Schema:
    """Names of the published entity sets, from the JSON or the Atom form of the service document.

    Raises:
        MetadataError: neither of the two.
    """
    body = content.removeprefix(_BOM).strip()
    schema = Schema(described=False)
    if body[:1] == b"{":
        try:
            entries = orjson.loads(body).get("value", [])
        except orjson.JSONDecodeError:
            message = "the list of published objects is broken off"
            raise MetadataError(message) from None
        schema.published = {str(entry.get("name") or unquote(entry.get("url", ""))) for entry in entries if isinstance(entry, dict)}
        return schema
    parser = plain_parser("description")
    seen_root: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        seen_root.append(tag.rpartition(":")[2])
        if tag.rpartition(":")[2] == "collection":
            schema.published.add(unquote(attributes.get("href", "")))  # an address, so it may be percent-encoded

    parser.StartElementHandler = start
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        seen_root.clear()
    if not seen_root or seen_root[0] != "service":
        message = "the answer is no list of published objects"
        raise MetadataError(message)
    return schema
