"""1Cv7.DD, the dictionary of a 7.7 base: which table holds a catalog or document, and what its fields are called.

Lines used: `T=SC12 |Справочник Номенклатура|…` begins a table, `F=SP18 |(P)Артикул |C |25 |0` is a field of it, and a line that says
DDCP=1251RUS tells the code page of the base.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from ingestion.errors import PermanentError
from ingestion.formats.encodings import text_encoding
from ingestion.formats.files import unreadable

_CODE_PAGE = re.compile(r"DDCP=(\d{3,4})")
_ROLE = re.compile(r"^\([A-Z]\)\s*")
_KINDS: dict[str, tuple[str, ...]] = {"Справочник": ("SC",), "Документ": ("DH",), "Регистр": ("RA",)}
LINES = ".Строки"


@dataclass(slots=True)
class Table:
    """A table of the base: its name on disk, what it is, and its fields: name on disk → name for people."""

    name: str
    title: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """What 1Cv7.DD says."""

    tables: tuple[Table, ...]
    encoding: str | None

    def find(self, wanted: str) -> Table | None:
        """The table of `Справочник.Номенклатура`, `Документ.Реализация`, `Документ.Реализация.Строки`, `Регистр.Продажи` or `SC12`."""
        plain = next((table for table in self.tables if table.name.upper() == wanted.upper()), None)
        if plain is not None:
            return plain
        is_lines = wanted.endswith(LINES)
        kind, _, name = wanted.removesuffix(LINES).partition(".")
        prefixes = ("DT",) if is_lines and kind == "Документ" else _KINDS.get(kind, ())
        found = [
            table
            for table in self.tables
            if table.name.upper().startswith(prefixes) and prefixes and name.lower() in table.title.lower().split()
        ]
        return found[0] if found else None

    def known(self) -> str:
        """The names a person can choose from."""
        kinds = {"SC": "Справочник.", "DH": "Документ.", "RA": "Регистр."}
        names = [
            kinds[table.name[:2].upper()] + table.title.split()[-1]
            for table in self.tables
            if table.name[:2].upper() in kinds and table.title
        ]
        return ", ".join(names[:40])


def read_dictionary(path: Path, where: str) -> Dictionary:
    """The dictionary of a base.

    Raises:
        PermanentError: the file cannot be read or names no tables.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(where, error) from None
    text = data.decode(text_encoding(data[:65536], "cp1251"), "replace")
    tables: list[Table] = []
    for line in text.splitlines():
        mark, _, rest = line.partition("=")
        cells = [cell.strip() for cell in rest.split("|")]
        if mark.strip() == "T" and len(cells) > 1:
            tables.append(Table(cells[0], cells[1]))
        elif mark.strip() == "F" and len(cells) > 1 and tables:
            tables[-1].fields[cells[0].upper()] = _ROLE.sub("", cells[1])
    if not tables:
        message = f"{where}: this is no dictionary of a 1C 7.7 base: it names no tables."
        raise PermanentError(message)
    found = _CODE_PAGE.search(text)
    return Dictionary(tuple(tables), f"cp{found[1]}" if found and found[1] in {"1251", "866"} else None)
