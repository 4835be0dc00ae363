"""Files as rows: {field: value} with the place of each, one after the other. What is damaged is one error: file, place, cause."""

from __future__ import annotations

import codecs
import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from ingestion.errors import PermanentError
from ingestion.formats.encodings import text_encoding
from ingestion.mapped.places import list_at
from ingestion.sources.files.options import FileStream
from ingestion.sources.spreadsheet.cells import Sheet, tidy
from ingestion.sources.spreadsheet.sheets import WORKBOOKS, workbook_sheets
from ingestion.spec import JsonObject

Rows = Iterator[tuple[int, JsonObject]]
"""(number as a person counts it, fields)"""
_HEADING_ROWS = 40  # rows before the heading: what a program prints above its table
_MOST_BYTES = 1 << 31  # a workbook or a JSON file is read whole
_ENDINGS = {".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson", ".xml": "xml", ".parquet": "parquet"}
ENDINGS = frozenset({*_ENDINGS, *WORKBOOKS, ".csv", ".tsv", ".txt"})
"""Of files that can be read, lower case with the point; one without a known ending is taken for csv."""


def rows_of(path: Path, name: str, stream: FileStream) -> Rows:
    """The rows of a file.

    Args:
        path: where it is on this machine.
        name: as people know it, for messages.
        stream: how it is written.

    Raises:
        PermanentError: it is damaged, or is nothing of the kind; the message names file, place and cause.
    """
    ending = Path(name).suffix.lower()
    kind = stream.format or ("xlsx" if ending in WORKBOOKS else _ENDINGS.get(ending, "csv"))
    readers: dict[str, Callable[[Path, str, FileStream], Rows]] = {
        "csv": _csv, "xlsx": _workbook, "xml": _xml, "json": _json, "ndjson": _ndjson, "parquet": _parquet,
    }  # fmt: skip
    if kind in {"xlsx", "json"} and path.stat().st_size > _MOST_BYTES:
        message = f"{name}: the file is larger than 2 GiB, which {kind} files are read whole; write it as csv, ndjson or parquet."
        raise PermanentError(message)
    return readers[kind](path, name, stream)


def _csv(path: Path, name: str, stream: FileStream) -> Rows:
    encoding = stream.encoding or _encoding(path)
    with path.open(encoding=encoding, errors="strict" if stream.encoding else "replace", newline="") as file:
        head = file.read(1 << 16)
        file.seek(0)
        if head[:4].lower() == "sep=" and len(head) > 4:  # Excel's own hint
            delimiter = head[4]
            file.readline()
        else:
            delimiter = stream.delimiter or max(";\t,|", key=lambda sign: sum(sign in line for line in head.splitlines()[:30]))
        reader = csv.reader(file, delimiter=stream.delimiter or delimiter)
        try:
            yield from _table(((reader.line_num, row) for row in reader), stream)
        except (csv.Error, UnicodeDecodeError) as error:
            message = f"{name}, line {reader.line_num + 1}: this is no readable csv ({error}); correct the file, delimiter or encoding."
            raise PermanentError(message) from None


def _encoding(path: Path) -> str:
    """By the byte order mark, else UTF-8 if all of it is valid, else Windows-1251, or cp866 where that reads better."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        first = file.read(1 << 20)
        if first.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        try:
            part = first
            while part:
                decoder.decode(part)
                part = file.read(1 << 20)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return text_encoding(first, "cp1251", not_utf8=True)
    return "utf-8-sig"


def _workbook(path: Path, name: str, stream: FileStream) -> Rows:
    sheets = workbook_sheets(path.read_bytes(), name)
    if stream.sheet is not None:
        sheets = [sheet for sheet in sheets if sheet.name == stream.sheet]
    best = max(sheets, key=lambda sheet: _known_cells(sheet, stream), default=None)
    if best is None:
        message = f"{name}: there is no sheet {stream.sheet or ''}; correct sheet in skvoz.toml."
        raise PermanentError(message)
    yield from _table(((number, [cell.text for cell in cells]) for number, cells in best.rows), stream)


def _known_cells(sheet: Sheet, stream: FileStream) -> int:
    wanted = _wanted(stream)
    return max((len(wanted & {cell.text.lower() for cell in cells}) for _, cells in sheet.rows[:_HEADING_ROWS]), default=0)


def _wanted(stream: FileStream) -> set[str]:
    return {path.lower() for path in [*stream.columns.values(), *(stream.key or ())]}


def _table(rows: Iterator[tuple[int, list[str]]], stream: FileStream) -> Rows:
    """Rows under their heading: the first row with the most of the mapped names, else the first that is not empty."""
    waiting: list[tuple[int, list[str]]] = []
    for number, cells in rows:
        waiting.append((number, [tidy(cell) for cell in cells]))
        if len(waiting) == _HEADING_ROWS:
            break
    if not any(any(cells) for _, cells in waiting):
        return
    wanted = _wanted(stream)
    best = max(
        range(len(waiting)), key=lambda place: (len(wanted & {cell.lower() for cell in waiting[place][1]}), any(waiting[place][1]), -place)
    )
    titles = waiting[best][1]
    if len(set(filter(None, titles))) < len(list(filter(None, titles))):
        titles = _numbered(titles)
    for number, cells in [*waiting[best + 1 :]]:
        if any(cells):
            yield number, _named(titles, cells)
    for number, raw in rows:
        if any(raw):
            yield number, _named(titles, [tidy(cell) for cell in raw])


def _numbered(titles: list[str]) -> list[str]:
    """Headings made different: Phone, Phone 2."""
    seen: dict[str, int] = defaultdict(int)
    named = []
    for title in titles:
        seen[title] += 1
        named.append(title if seen[title] == 1 else f"{title} {seen[title]}")
    return named


def _named(titles: list[str], cells: list[str]) -> JsonObject:
    return {title: cell for title, cell in zip(titles, cells, strict=False) if title}


def _json(path: Path, name: str, stream: FileStream) -> Rows:
    try:
        body = orjson.loads(path.read_bytes().removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        message = f"{name}, line {error.lineno}: this is no whole JSON ({error.msg}); correct the file."
        raise PermanentError(message) from None
    records = list_at(body, stream.records)
    if records is None:
        message = f"{name}: there are no records at «{stream.records}»; correct records in skvoz.toml."
        raise PermanentError(message)
    yield from _nested(enumerate(records, start=1), stream)


def _ndjson(path: Path, name: str, stream: FileStream) -> Rows:
    def lines() -> Iterator[tuple[int, Any]]:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    yield number, orjson.loads(line.removeprefix(codecs.BOM_UTF8))
                except orjson.JSONDecodeError as error:
                    message = f"{name}, line {number}: this is no whole JSON ({error.msg}); correct the file."
                    raise PermanentError(message) from None

    yield from _nested(lines(), stream)


def _xml(path: Path, name: str, stream: FileStream) -> Rows:
    """Elements of the tag that `records` names (default: children of the root), whatever their namespace; read as a stream."""
    from lxml import etree

    def elements() -> Iterator[tuple[int, Any]]:
        wanted = stream.records.rpartition(".")[2]
        depth = 0
        try:
            for event, element in etree.iterparse(
                str(path), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
            ):
                if event == "start":
                    depth += 1
                    continue
                depth -= 1
                if not isinstance(element.tag, str):
                    continue
                local = etree.QName(element).localname
                if (local == wanted) if wanted else (depth == 1):
                    yield element.sourceline or 0, _element(element)
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            message = f"{name}, line {error.lineno or 0}: this is no whole XML ({error.msg}); correct the file."
            raise PermanentError(message) from None

    yield from _nested(elements(), stream)


def _element(element: Any) -> Any:
    """An element as JSON: attributes `@name`, children by name (a list where several have it), its text `#text` or just text."""
    from lxml import etree

    found: JsonObject = {f"@{etree.QName(key).localname}": value for key, value in element.attrib.items()}
    for child in element:
        if not isinstance(child.tag, str):
            continue  # a comment, or an entity that is not resolved
        local, value = etree.QName(child).localname, _element(child)
        if local not in found:
            found[local] = value
        elif isinstance(found[local], list):
            found[local].append(value)
        else:
            found[local] = [found[local], value]
    text = (element.text or "").strip()
    if not found:
        return text
    if text:
        found["#text"] = text
    return found


def _parquet(path: Path, name: str, stream: FileStream) -> Rows:
    import duckdb

    try:
        with duckdb.connect(config={"enable_external_access": "true", "threads": "1"}) as connection:
            result = connection.execute("select * from read_parquet(?)", [str(path)])
            titles = [column[0] for column in result.description or []]
            number = 0
            while rows := result.fetchmany(10_000):
                for row in rows:
                    number += 1
                    for inner in stream.rows_of(dict(zip(titles, row, strict=True))):
                        yield number, inner
    except duckdb.Error as error:
        message = f"{name}: this is no readable parquet file ({str(error).splitlines()[0]}); write it again."
        raise PermanentError(message) from None


def _nested(records: Iterator[tuple[int, Any]] | enumerate[Any], stream: FileStream) -> Rows:
    for number, record in records:
        for row in stream.rows_of(record if isinstance(record, Mapping) else {"value": record}):
            yield number, row
