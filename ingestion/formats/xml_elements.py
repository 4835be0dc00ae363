"""Large XML read element by element in little memory, and elements as JSON.

Refused: document types (external entities, billion laughs), one element larger than `MOST_ELEMENT_BYTES`, nesting deeper than 256 and
text longer than 10 MB (both limits of libxml2). Names are compared without their namespaces: 1C writes one, sites none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree

from ingestion.formats.damage import DamagedFileError
from ingestion.formats.encodings import xml_encoding
from ingestion.formats.files import HEAD_BYTES, Part

MOST_ELEMENT_BYTES = 64 * 1024**2
_CHUNK = 256 * 1024
_KEPT_CHILDREN = 200  # of elements nobody asked for: the first ones, for they head what follows
_PRUNED_DEPTH = 12
_ROOT = re.compile(r"<(?:[\w.\-]+:)?([\w.\-]+)")
_BESIDES = re.compile(r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
_TYPES = {
    "ФайлОбмена": "1c_kd2", "_1CV8DtUD": "1c_v8exch", "КоммерческаяИнформация": "1c_commerceml", "Message": "1c_enterprise_data",
}  # fmt: skip
_BOM = b"\xef\xbb\xbf"
_DOCTYPE = (b"<!DOCTYPE", b"<\x00!\x00D\x00O\x00C\x00T\x00Y\x00P\x00E", b"\x00<\x00!\x00D\x00O\x00C\x00T\x00Y\x00P\x00E")


def local_name(tag: str) -> str:
    """`Товар` of `{urn:1C.ru:commerceml_2}Товар`."""
    return tag.rpartition("}")[2]


def foreign(part: Part, source_type: str, *, older_roots: bool = False) -> str:
    """That a file is another type's or none's, in a sentence, else '': nothing would be found in it, and nobody would know why.

    Args:
        part: the file.
        source_type: what it should be.
        older_roots: whether older files of this type may begin otherwise than the type does today.
    """
    root = _root(part)
    theirs = _TYPES.get(root)
    if not root or theirs == source_type:
        return ""
    if theirs is None:
        if older_roots and root.lower() != "html":
            return ""
        return f"{part.where}: it begins with <{root}>, as no file for type {source_type} does; nothing of it was read."
    return f"{part.where}: it is a file for type {theirs}, and this source is of type {source_type}; nothing of it was read."


def elements(part: Part, tags: Sequence[str], *, most_bytes: int = MOST_ELEMENT_BYTES) -> Iterator[etree._Element]:
    """The outermost elements with these local names, whole, each until the next is asked for; ancestors keep what came before them.

    Args:
        part: the file.
        tags: local names; the name of the root among them makes no sense.
        most_bytes: an element larger than this is refused.

    Raises:
        DamagedFileError: no XML, a damaged one, or one that is refused; with line and column.
    """
    if any(mark in part.head for mark in _DOCTYPE):
        raise DamagedFileError(part.where, "it declares a document type, which exchange files never do; it is not opened")
    encoding = xml_encoding(part.head)
    root = _root(part)
    if not root and len(part.head) >= HEAD_BYTES:
        raise DamagedFileError(part.where, f"there is no element in its first {HEAD_BYTES // 1024} KB; this is no exchange file")
    parser = etree.XMLPullParser(
        events=("start", "end"),
        tag=[f"{{*}}{tag}" for tag in (*tags, *((root,) if root else ()))],
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return _pulled(parser, part, most_bytes)


def _root(part: Part) -> str:
    """The local name of the root, '' if it is not in the beginning."""
    found = _ROOT.search(_BESIDES.sub("", _loosely(part.head, xml_encoding(part.head))))
    return found.group(1) if found else ""


def _loosely(head: bytes, encoding: str | None) -> str:
    """The beginning as text, well enough to find the name of the root in it."""
    if encoding is None:
        encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "cp1251" if b"1251" in head[:200] else "utf-8"
    return head.decode(encoding, "replace")


def _pulled(parser: etree.XMLPullParser, part: Part, most_bytes: int) -> Iterator[etree._Element]:
    tree = _Tree(parser, part.where)
    fed = since = 0
    first = True
    while True:
        chunk = part.stream.read(_CHUNK)
        if first:
            chunk, first = chunk.removeprefix(_BOM), False
        try:
            if chunk:
                parser.feed(chunk)
            else:
                parser.close()
        except etree.XMLSyntaxError as error:
            yield from tree.finished()
            raise _damaged(part, error) from None
        fed += len(chunk)
        for element in tree.finished():
            since = fed
            yield element
        if tree.open is None:
            since = fed
        elif fed - since > most_bytes:
            cause = f"one <{local_name(str(tree.open.tag))}> is larger than {most_bytes // 1024**2} MB; it is not read further"
            raise DamagedFileError(part.where, cause)
        if not chunk:
            return
        tree.prune()


class _Tree:
    """What the parser holds: the wanted element that is open, and the finished ones that nobody needs any more."""

    def __init__(self, parser: etree.XMLPullParser, where: str) -> None:
        self._parser = parser
        self._where = where
        self._depth = 0
        self._spent: etree._Element | None = None
        self._root: etree._Element | None = None
        self.open: etree._Element | None = None

    def finished(self) -> Iterator[etree._Element]:
        """The outermost wanted elements that ended."""
        for event, element in self._parser.read_events():
            if element is self._root:
                continue
            if self._root is None:
                self._root = element.getroottree().getroot()
                if element.getroottree().docinfo.internalDTD is not None:
                    raise DamagedFileError(self._where, "it declares a document type, which exchange files never do; it is not read")
                if element is self._root:
                    continue
            if event == "start":
                self._depth += 1
                if self._depth == 1:
                    self.open = element
                continue
            self._depth -= 1
            if self._depth:
                continue
            self.open = None
            yield element
            element.clear(keep_tail=True)
            self._drop()
            self._spent = element  # dropped later: its tail may still be on its way

    def prune(self) -> None:
        """Throw away most of what is finished and was not asked for."""
        if self._root is None:
            return
        level = self._root
        for _ in range(_PRUNED_DEPTH):
            if level is self.open or not len(level):
                return
            if len(level) > 2 * _KEPT_CHILDREN:
                del level[_KEPT_CHILDREN:-2]
            level = level[-1]

    def _drop(self) -> None:
        if self._spent is not None and (parent := self._spent.getparent()) is not None:
            parent.remove(self._spent)
        self._spent = None


def _damaged(part: Part, error: etree.XMLSyntaxError) -> DamagedFileError:
    line, column = error.position
    reason = str(error.msg or error).partition(", line ")[0]
    if not part.head.strip():
        return DamagedFileError(part.where, "the file is empty")
    return DamagedFileError(f"{part.where}, line {line}, column {column}", f"this is no well-formed XML ({reason})")


class JsonElements:
    """Turns elements into JSON: names without namespaces, attributes as `@name`, text beside children as `#text`.

    Args:
        many: names that are always lists, however often they occur.
    """

    def __init__(self, many: frozenset[str] = frozenset()) -> None:
        self._many = many
        self._names: dict[str, str] = {}

    def value(self, element: etree._Element) -> Any:
        """Text of a leaf ('' if empty), else an object; None for `xsi:nil`."""
        if not len(element):
            if not element.keys():
                text = element.text or ""
                return text if not text.isspace() else ""
            if element.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true":
                return None
        return self.members(element)

    def members(self, element: etree._Element) -> dict[str, Any]:
        """The element as an object, whatever it holds."""
        names, many = self._names, self._many
        found: dict[str, Any] = {f"@{self._name(key)}": text for key, text in element.items()}
        text = element.text
        loose = [text] if text and not text.isspace() else []
        for child in element:
            tag = child.tag
            name = names.get(tag)
            if name is None:
                if not isinstance(tag, str):
                    continue
                name = self._name(tag)
            if len(child) or child.keys():
                value = self.value(child)
            else:  # most children are leaves: spare them the call
                value = child.text or ""
                if value.isspace():
                    value = ""
            if name in many:
                found.setdefault(name, []).append(value)
            elif name in found:
                held = found[name]
                if isinstance(held, list):
                    held.append(value)
                else:
                    found[name] = [held, value]
            else:
                found[name] = value
            tail = child.tail
            if tail and not tail.isspace():
                loose.append(tail)
        if loose:
            found["#text"] = " ".join(piece.strip() for piece in loose)
        return found

    def _name(self, tag: str) -> str:
        return self._names.setdefault(tag, local_name(tag))
