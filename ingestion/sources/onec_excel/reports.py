"""Rows of a report as 1C saves it to Excel.

The header is the first row that has every mapped heading, else the first two to four rows that have them together: 1C puts «Количество» and
«Выручка» under «Показатели», and the names of nested groups one below the other. Of two columns with one heading the second is `Код 2`.
Groups («Контрагент» above «Номенклатура») are told by the outline level of their rows and become fields of the rows below them; they hold
sums, so they are no rows.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator, Sequence
from io import BytesIO

from lxml import etree

from ingestion.errors import PermanentError
from ingestion.formats.damage import DamagedFileError
from ingestion.formats.files import FoundFile, unreadable
from ingestion.formats.mapped_tables import Rows
from ingestion.sources.spreadsheet.cells import Cell, Sheet
from ingestion.sources.spreadsheet.sheets import sheets_of
from ingestion.sources.spreadsheet.tables import is_total
from ingestion.spec import JsonObject

_HEADER_WITHIN = 60  # rows: 1C prints title and parameters above
_HEADER_DEPTH = 4  # rows of one header at most
_MOST_BYTES = 512 * 1024**2
_BLANKS = re.compile(r"\s+")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def report_rows(file: FoundFile, sheet: str | None, wanted: Collection[str], groups: Sequence[str]) -> Rows:
    """The rows of a report below its header, heading → text.

    Args:
        file: the workbook.
        sheet: its sheet; None for the first with the header.
        wanted: headings that the header must have.
        groups: names for the outline levels above the rows, the outermost first.

    Raises:
        PermanentError: no sheet has these headings (it says what there is), or the groups cannot be told.
        DamagedFileError: no workbook.
    """
    try:
        data = file.path.read_bytes()
    except OSError as error:
        raise unreadable(file.name, error) from None
    if not data:
        raise DamagedFileError(file.name, "the file is empty")
    sheets = [one for one in sheets_of(file.path, data, file.name) if sheet in (None, one.name)]
    needed = {_plain(heading) for heading in wanted if heading not in groups}
    for place, one in enumerate(sheets):
        found = _header(one, needed)
        if found is not None:
            rows, headings = found
            levels = _levels(data, file.name, one.name, place) if groups else {}
            yield from _below(one, rows, headings, list(groups), levels, file.name)
            return
    named = ([heading for heading in headings if heading] for one in sheets for headings in _first_rows(one))
    there = max(named, key=len, default=[])
    message = (
        f"{file.name}: no row has all of the headings {', '.join(sorted(wanted))}; the fullest row has "
        f"{', '.join(there[:30]) or 'nothing'}: correct columns in skvoz.toml."
    )
    raise PermanentError(message)


def _header(sheet: Sheet, needed: Collection[str]) -> tuple[range, list[str]] | None:
    """The rows of the header, and the heading of each column: of cells above each other the lowest."""
    first_rows = [[_tidy(cell) for cell in cells] for _, cells in sheet.rows[:_HEADER_WITHIN]]
    for depth in range(1, _HEADER_DEPTH + 1):
        for place in range(len(first_rows) - depth + 1):
            band = first_rows[place : place + depth]
            headings = _told_apart([next((text for text in reversed(column) if text), "") for column in zip(*band, strict=True)])
            if needed and set(needed) <= {_plain(heading) for heading in headings}:
                return range(place, place + depth), headings
    return None


def _first_rows(sheet: Sheet) -> Iterator[list[str]]:
    for _, cells in sheet.rows[:_HEADER_WITHIN]:
        yield _told_apart([_tidy(cell) for cell in cells])


def _tidy(cell: Cell) -> str:
    return _BLANKS.sub(" ", cell.text).strip()


def _told_apart(headings: list[str]) -> list[str]:
    """Of equal headings the second is `Код 2`, the third `Код 3`."""
    times: dict[str, int] = {}
    named = []
    for heading in headings:
        times[heading] = times.get(heading, 0) + 1
        named.append(heading if times[heading] == 1 or not heading else f"{heading} {times[heading]}")
    return named


def _below(sheet: Sheet, header: range, headings: list[str], groups: list[str], levels: dict[int, int], name: str) -> Rows:
    current: dict[str, str] = {}
    header_rows = [[_plain(cell.text) for cell in cells] for _, cells in sheet.rows[header.start : header.stop]]
    for number, cells in sheet.rows[header.stop :]:
        texts = [cell.text.strip() for cell in cells]
        first = next((text for text in texts if text), "")
        if not first or is_total(cells) or [_plain(text) for text in texts] in header_rows:
            continue
        level = levels.get(number, 0)
        if groups and (not levels or (level >= len(groups) and groups[0] not in current)):
            cause = "its rows have no outline" if not levels else f"row {number} stands below no group"
            message = (
                f"{name}: {cause}, so {', '.join(groups)} cannot be told; save the report as xlsx with the groups above their rows and "
                f"foldable, or as a list without them and without groups in skvoz.toml."
            )
            raise PermanentError(message)
        if level < len(groups):
            current = {group: current[group] for group in groups[:level] if group in current} | {groups[level]: first}
            continue
        # the group's own column is empty in its rows, or holds what is below it
        yield f"{name}: row {number}", _named(headings, cells) | current


def _named(headings: list[str], cells: list[Cell]) -> JsonObject:
    return {heading: cell.text.strip() for heading, cell in zip(headings, cells, strict=False) if heading}


def _levels(data: bytes, where: str, sheet: str, place: int) -> dict[int, int]:
    """Outline levels of the rows of a sheet (0 is left out); only xlsx keeps them where we can read them."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            part = _part_of(archive, sheet, place)
            if archive.getinfo(part).file_size > _MOST_BYTES:
                raise DamagedFileError(where, f"a sheet would unpack to more than {_MOST_BYTES // 1024**2} MB")
            levels = {}
            with archive.open(part) as opened:
                for _, row in etree.iterparse(opened, tag=f"{_MAIN}row", resolve_entities=False, no_network=True):
                    if (level := row.get("outlineLevel")) is not None and level.isdigit():
                        levels[int(row.get("r", "0"))] = int(level)
                    row.clear()
            return levels
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError) as error:
        raise DamagedFileError(where, f"groups are read from xlsx only, and this is none ({error}); save the report as xlsx") from None


def _part_of(archive: zipfile.ZipFile, sheet: str, place: int) -> str:
    """The part of the archive that holds a sheet: by its relation, else by its place."""
    book = etree.fromstring(archive.read("xl/workbook.xml"), _parser())
    names = {
        str(one.get("name")): str(one.get("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"))
        for one in book.iter(f"{_MAIN}sheet")
    }
    relations = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), _parser())
    targets = {str(one.get("Id")): str(one.get("Target")) for one in relations}
    target = targets.get(names.get(sheet, ""), f"worksheets/sheet{place + 1}.xml")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _plain(heading: str) -> str:
    return _BLANKS.sub(" ", heading).strip().casefold()
