"""A 1C base in memory: entity sets with their types and keys, version marks that change with every write, cached JSON."""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property, partial
from typing import Any

import orjson

from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_exchange import ExchangePlan
from ingestion.sandbox.onec_records import PROFILES
from ingestion.sandbox.onec_values import ZERO_GUID, Row, unavailable

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
INT64 = frozenset({"LineNumber", "Кратность", "КратностьВзаиморасчетов", "МаксимальныйКодСтроки", "КодСтроки", "Сдвиг", "НомерЧекаККМ"})
# Navigation properties: the reference's name and what it leads to, when that is published.
NAVIGATION = {
    "Контрагент": "Catalog_Контрагенты",
    "Партнер": "Catalog_Партнеры",
    "Организация": "Catalog_Организации",
    "Номенклатура": "Catalog_Номенклатура",
    "Parent": "",
}


def edm_type(name: str, value: Any) -> str:
    """The Edm type of a property, told by its name and a value."""
    if name in INT64:
        return "Edm.Int64"
    if name.endswith("_Key"):
        return "Edm.Guid"
    if isinstance(value, bool):
        return "Edm.Boolean"
    if isinstance(value, int | float):
        return "Edm.Double"
    if isinstance(value, list):
        return "Collection"
    return "Edm.DateTime" if isinstance(value, str) and DATE.fullmatch(value) else "Edm.String"


class EntitySet:
    """One published entity set: rows in the base's own order, their types, and their JSON."""

    def __init__(self, name: str, rows: Callable[[], list[Row]], types: dict[str, str] | None = None) -> None:
        """From what gives the rows; without `types` they are told from the rows, an empty set knowing only its key."""
        self.name = name
        self.key: tuple[str, ...] = self._key()
        self.types: dict[str, str] = dict(types or {})
        self.tables: dict[str, dict[str, str]] = {}
        self._give = rows
        self._json: dict[tuple[int, bool], bytes] = {}
        if types is None:
            self._learn()

    @cached_property
    def rows(self) -> list[Row]:
        """The rows in the base's own order."""
        return self._give()

    @cached_property
    def _place(self) -> dict[tuple[str, ...], int]:
        return {self.key_of(row): index for index, row in enumerate(self.rows)}

    def _key(self) -> tuple[str, ...]:
        if self.name.endswith("_RecordType"):
            return ("Recorder", "LineNumber", "Recorder_Type")
        if self.name.startswith(("AccumulationRegister_", "AccountingRegister_")):
            return ("Recorder", "Recorder_Type")
        if self.name.startswith("InformationRegister_"):
            return ("Period", "Валюта_Key")
        # a tabular part has its owner's name in front; 1С:CRM begins the names of its own objects with CRM_
        return ("Ref_Key", "LineNumber") if self.name.replace("_CRM_", "_").count("_") == 2 else ("Ref_Key",)

    def _learn(self) -> None:
        types, tables = self.types, self.tables
        for row in self.rows:
            for name, value in row.items():
                if name in types and (name in tables or types[name] != "Collection"):
                    continue
                if value is not None:
                    types[name] = edm_type(name, value)
                if isinstance(value, list) and value:
                    tables[name] = {inner: edm_type(inner, one) for inner, one in value[0].items()}
        if not self.rows:
            self.types = {name: edm_type(name, "") for name in self.key}

    def key_of(self, row: Row) -> tuple[str, ...]:
        """The row's key values."""
        return tuple(row[name] for name in self.key)

    def find(self, identity: tuple[str, ...]) -> int | None:
        """The place of the row with the key, or None."""
        return self._place.get(identity)

    def navigation(self, row: Row, published: frozenset[str]) -> Row:
        """Links of the references that are not empty and lead to something published."""
        links: Row = {}
        for name, target in NAVIGATION.items():
            value = row.get(f"{name}_Key")
            if value and value != ZERO_GUID and (target or self.name) in published and self.key == ("Ref_Key",):
                links[f"{name}@navigationLinkUrl"] = f"{self.name}(guid'{row['Ref_Key']}')/{name}"
        return links

    def json(self, place: int, published: frozenset[str], with_links: bool) -> bytes:
        """The row's JSON, made once."""
        found = self._json.get((place, with_links))
        if found is None:
            row = self.rows[place]
            found = orjson.dumps(row | self.navigation(row, published) if with_links else row)
            self._json[place, with_links] = found
        return found

    def presentation(self, place: int) -> tuple[Any, ...]:
        """What the platform orders references by: a document's date and number, a catalogue's name; never the guid."""
        row = self.rows[place]
        shown = (row.get("Period") or row.get("Date") or "", str(row.get("Number") or row.get("Description") or ""))
        return (*shown, *self.key_of(row))


def _without_names(row: Row, unpublished: frozenset[str]) -> Row:
    """The row as a base gives it that does not publish some types: their references stay, their names do not."""
    found: Row = {}
    for name, value in row.items():
        entity = str(row.get(f"{name}_Type", "")).removeprefix("StandardODATA.")
        if entity in unpublished:
            found |= unavailable(name, value, entity)
        elif name not in found:
            found[name] = [_without_names(one, unpublished) for one in value] if isinstance(value, list) else value
    return found


def _lines(whole: EntitySet, table: str) -> list[Row]:
    return [line for row in whole.rows for line in row.get(table) or ()]


class OneCBase:
    """The base of a company in one configuration. `replace` writes a later state of the company into it."""

    def __init__(self, company: Company, profile: str = "unf", unpublished: Sequence[str] = ()) -> None:
        """Project the company; `unpublished` names entity sets the administrator has not opened."""
        self.profile = profile
        self.company = company
        self.revision = 0
        self.sets: dict[str, EntitySet] = {}
        self.published: frozenset[str] = frozenset()
        self._unpublished = frozenset(unpublished)
        self._versions: dict[tuple[str, str], tuple[bytes, int]] = {}
        self._writes = 0
        self.exchange: ExchangePlan | None = None
        self.replace(company)

    def register_changes(self, plan: ExchangePlan) -> None:
        """Let an exchange plan register what is written from now on."""
        self.exchange = plan
        plan.notice({name: found.rows for name, found in self.sets.items()}, first=True)

    def replace(self, company: Company, touch: int = 3) -> None:
        """Write another state of the company. Changed objects get a new DataVersion, and so do `touch` unchanged ones, as on any day."""
        contents = PROFILES[self.profile].entities(company)
        self.company = company
        self.revision += 1
        self.sets = {}
        if self._unpublished:
            contents = {name: [_without_names(row, self._unpublished) for row in rows] for name, rows in contents.items()}
        for name, rows in contents.items():
            if name not in self._unpublished:
                self._stamp_versions(name, rows)
                self.sets[name] = EntitySet(name, partial(list, rows))
        for name in [*self.sets]:
            self._add_tables(name)
        for name in self.registers_with_balance():
            self.sets.setdefault(name, EntitySet(name, list))
        self.published = frozenset(self.sets)
        documents = [identity for identity in self._versions if identity[0].startswith("Document_")]
        for identity in documents[:: max(1, len(documents) // touch)][:touch] if self.revision > 1 else ():
            self._touch(identity)
        if self.exchange is not None:
            self.exchange.notice({name: found.rows for name, found in self.sets.items()})

    def _stamp_versions(self, name: str, rows: list[Row]) -> None:
        if not rows or "DataVersion" not in rows[0]:
            return
        for row in rows:
            identity = (name, row["Ref_Key"])
            digest = hashlib.blake2b(orjson.dumps(row), digest_size=12).digest()
            before = self._versions.get(identity)
            if before is None or before[0] != digest:
                self._writes += 1
                self._versions[identity] = (digest, self._writes)
            row["DataVersion"] = self._mark(self._versions[identity][1])

    def _touch(self, identity: tuple[str, str]) -> None:
        name, guid = identity
        found = self.sets.get(name)
        place = found.find((guid,)) if found else None
        if found is not None and place is not None:
            self._writes += 1
            self._versions[identity] = (self._versions[identity][0], self._writes)
            found.rows[place]["DataVersion"] = self._mark(self._writes)

    @staticmethod
    def _mark(writes: int) -> str:
        return base64.b64encode(writes.to_bytes(8, "big")).decode()

    def _add_tables(self, name: str) -> None:
        """The tabular parts once more, as entity sets of their own."""
        whole = self.sets[name]
        if not name.startswith(("Catalog_", "Document_")):
            return
        for table, types in whole.tables.items():
            self.sets[f"{name}_{table}"] = EntitySet(f"{name}_{table}", partial(_lines, whole, table), types)

    def balances(self, register: str, upto: date | None) -> list[Row] | None:
        """Rows of the virtual table Balance at the end of a day (None: now); None if the register is not published or has no balances."""
        if register in self._unpublished:
            return None
        return PROFILES[self.profile].balances(self.company, upto).get(register)

    def entries(self, register: str) -> list[Row] | None:
        """Rows of the virtual table RecordsWithExtDimensions; None if the register is not published or is no accounting register."""
        if register in self._unpublished:
            return None
        return PROFILES[self.profile].entries(self.company).get(register)

    def registers_with_balance(self) -> list[str]:
        """Names of the registers that have the virtual table Balance."""
        return [name for name in PROFILES[self.profile].balances(self.company, None) if name not in self._unpublished]
