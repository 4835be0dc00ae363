"""The Atom feed of a change package: which objects and record sets were written or deleted, not what is in them.

The values of the feed are left where they are: rows lack their owner's key, and everything is text. What a package names is read again
through the same door as everything else, so that a record looks the same whichever way it came.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import unquote

from ingestion.sources.onec_odata.metadata import MetadataError, parse_whole, plain_parser

_ADDRESS = re.compile(r"(?P<entity>[A-Za-z]+_[^/()]+)\((?P<key>[^()]*)\)$")
_GUID = re.compile(r"'([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})'")
_RECORDER_TYPE = re.compile(r"Recorder_Type='StandardODATA\.([^']+)'")
_FOLLOWED = ("Catalog_", "Document_", "AccumulationRegister_")


@dataclass(frozen=True, slots=True)
class Written:
    """One object or record set of a package.

    Attributes:
        recorder: of a record set, entity set of the document that wrote it; '' for objects, and where the address does not say.
        period: of a record set, the moment of its first row as sent; '' where it has none.
    """

    recorder: str = ""
    period: str = ""


@dataclass(slots=True)
class Package:
    """What was written since the last confirmed package.

    Attributes:
        written: entity set -> reference (of a record set: its recorder) -> what is told of it. Deleted objects are among them: that they
            are gone shows when they are asked for.
        others: entity sets of record sets that have no recorder, such as rates; they are followed in other ways.
        unknown: addresses that could not be read.
    """

    written: dict[str, dict[str, Written]] = field(default_factory=lambda: defaultdict(dict))
    others: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(map(len, self.written.values())) + len(self.others) + len(self.unknown)


class _Reader:
    """Expat handlers: the address of every entry, and the first Period inside it."""

    def __init__(self) -> None:
        self.package = Package()
        self.saw_feed = False
        self._depth = 0
        self._wanted = ""
        self._text: list[str] = []
        self._address = ""
        self._period = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self._depth += 1
        if name == "feed" and self._depth == 1:
            self.saw_feed = True
        elif name == "deleted-entry":
            self._take(attributes.get("ref", ""), "")
        elif name == "entry":
            self._address = self._period = ""
        elif (name == "id" and self._depth == 3) or (name == "Period" and not self._period):  # feed / entry / id
            self._wanted, self._text = name, []

    def text(self, piece: str) -> None:
        if self._wanted:
            self._text.append(piece)

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        self._depth -= 1
        if self._wanted == name == "id":
            self._address, self._wanted = "".join(self._text).strip(), ""
        elif self._wanted == name == "Period":
            self._period, self._wanted = "".join(self._text).strip(), ""
        elif name == "entry":
            self._take(self._address, self._period)

    def _take(self, address: str, period: str) -> None:
        found = _ADDRESS.search(unquote(address))
        if found is None:
            self.package.unknown.append(address)
            return
        entity, key = found["entity"], found["key"]
        ref = _GUID.search(key)
        if not entity.startswith(_FOLLOWED) or (ref is None and entity.startswith("AccumulationRegister_")):
            self.package.others.add(entity)
        elif ref is None:
            self.package.unknown.append(address)
        else:
            recorder = _RECORDER_TYPE.search(key)
            self.package.written[entity][ref[1].lower()] = Written(recorder[1] if recorder else "", period)


def parse_package(content: bytes) -> Package:
    """Read the answer of SelectChanges.

    Raises:
        MetadataError: broken off, no feed, or with a DTD.
    """
    reader = _Reader()
    parser = plain_parser("package")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parse_whole(parser, content, "package")
    if not reader.saw_feed:
        message = "the answer is XML, but no package of changes"
        raise MetadataError(message)
    return reader.package
