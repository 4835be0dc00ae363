"""Rows of a 7.7 base under the names of its dictionary: documents with their entry in the journal, lines with the header of theirs.

Numbers of 1C 7.7: ids are base-36 text padded with blanks, an empty reference is `0`, the time of a document counts 1/10000 s of the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingestion.errors import PermanentError
from ingestion.formats.files import FoundFile
from ingestion.formats.mapped_tables import Rows
from ingestion.sources.onec_dbf.dictionary import LINES, Dictionary, Table
from ingestion.sources.onec_dbf.tables import table_rows
from ingestion.spec import JsonObject

JOURNAL = "1SJOURN"
_STANDARD = {
    "ID": "Ид", "PARENTID": "Родитель", "CODE": "Код", "DESCR": "Наименование", "PARENTEXT": "Владелец", "ISFOLDER": "ЭтоГруппа",
    "ISMARK": "ПометкаУдаления", "IDDOC": "ИдДокумента", "LINENO": "НомерСтроки", "DEBKRED": "Расход",
}  # fmt: skip
_JOURNAL = {"DATE": "Дата", "TIME": "Время", "DOCNO": "Номер", "CLOSED": "Проведен", "ISMARK": "ПометкаУдаления"}
_FLAGS = frozenset({"ПометкаУдаления", "ЭтоГруппа"})


class Base:
    """A 7.7 base in a folder.

    Args:
        source: name of the source, for messages.
        dictionary: what its tables are.
        files: the tables of the folder.
        encoding: of the texts, where the dictionary does not say it.
    """

    def __init__(self, source: str, dictionary: Dictionary, files: Sequence[FoundFile], encoding: str | None) -> None:
        self._source = source
        self._dictionary = dictionary
        self._files = {file.path.stem.upper(): file for file in files if file.path.suffix.lower() == ".dbf"}
        self._encoding = encoding or dictionary.encoding

    def rows(self, wanted: str, *, unposted: bool = False) -> Rows:
        """The rows of a catalog (its groups are none), of documents, of their lines or of a register.

        Args:
            wanted: `Справочник.Товары`, `Документ.Реализация`, `Документ.Реализация.Строки`, `Регистр.Продажи`, or a table's own name.
            unposted: documents that are not posted as well; those that the journal marks for deletion never.
        """
        table = self._dictionary.find(wanted)
        if table is None:
            message = f"{self._source}: the base has no {wanted}; it has {self._dictionary.known()}."
            raise PermanentError(message)
        if table.name.upper().startswith(("DH", "DT", "RA")):
            yield from self._of_documents(table, wanted.endswith(LINES), unposted)
            return
        for number, row in enumerate(self._read(table), 1):
            if row.get("ЭтоГруппа") != "true":
                yield f"{table.name}:{number}", row

    def _of_documents(self, table: Table, is_lines: bool, unposted: bool) -> Rows:
        journal = {row["IDDOC"]: row for row in self._plain(JOURNAL)}
        headers: dict[str, JsonObject] = {}
        if is_lines:
            head = next((one for one in self._dictionary.tables if one.name.upper() == "DH" + table.name[2:].upper()), None)
            headers = {row["ИдДокумента"]: row for row in self._read(head)} if head is not None else {}
        for number, row in enumerate(self._read(table), 1):
            document = str(row.get("ИдДокумента", ""))
            told = _told(journal.get(document, {}))
            if document in journal and (told["ПометкаУдаления"] == "true" or (told["Проведен"] == "false" and not unposted)):
                continue
            header = {f"Документ.{name}": value for name, value in headers.get(document, {}).items()}
            yield f"{table.name}:{number}", header | told | row

    def _read(self, table: Table) -> Iterator[JsonObject]:
        names = table.fields | _STANDARD
        for row in self._plain(table.name):
            called = ((names.get(field) or field, text) for field, text in row.items())
            yield {name: _value(name, text) for name, text in called}

    def _plain(self, name: str) -> Iterator[JsonObject]:
        file = self._files.get(name.upper())
        if file is None:
            message = f"{self._source}: the table {name}.DBF is not beside the dictionary; copy the whole folder of the base."
            raise PermanentError(message)
        for row in table_rows(file.path, file.name, self._encoding):
            yield {field.upper(): text for field, text in row.items()}


def _told(journal: JsonObject) -> JsonObject:
    """What the journal says of a document: Дата with its time, Номер, Проведен, ПометкаУдаления."""
    found = {name: str(journal.get(field, "")) for field, name in _JOURNAL.items()}
    found["Дата"] = moment(found["Дата"], found.pop("Время"))
    found["Проведен"] = "true" if found["Проведен"].isdigit() and int(found["Проведен"]) & 1 else "false"
    found["ПометкаУдаления"] = "true" if found["ПометкаУдаления"] == "*" else "false"
    return found


def _value(name: str, text: str) -> str:
    if name in _FLAGS:
        return "true" if text in {"*", "1"} else "false"
    return text


def moment(day: str, time: str) -> str:
    """The day with the time of the journal: '1Z40HS' is 11944.0 s after midnight."""
    try:
        seconds = int(time, 36) // 10_000
    except ValueError:
        return day
    if not day or seconds >= 24 * 3600:
        return day
    return f"{day}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
