"""Objects of 1C files in the shape that the OData interface gives them, so that everything behind `raw.onec__*` reads them unchanged.

What a file says and OData says otherwise: a scalar reference is `X` there and `X_Key` here, a composite one `X` with a type beside it here,
`Ref`, `Parent` and `Owner` are keys. What a file does not say cannot be added: presentations, balances, DataVersion.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ingestion.sources.onec_odata.declarations import STREAMS
from ingestion.sources.onec_odata.profiles.catalog import PROFILES
from ingestion.spec import JsonObject, Record, Stream

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
ZERO = "00000000-0000-0000-0000-000000000000"
_TYPES = {
    "Catalog": "Catalog", "Справочник": "Catalog", "Document": "Document", "Документ": "Document", "ChartOfAccounts": "ChartOfAccounts",
    "ПланСчетов": "ChartOfAccounts", "ChartOfCharacteristicTypes": "ChartOfCharacteristicTypes",
    "ПланВидовХарактеристик": "ChartOfCharacteristicTypes", "AccumulationRegister": "AccumulationRegister",
    "РегистрНакопления": "AccumulationRegister", "InformationRegister": "InformationRegister", "РегистрСведений": "InformationRegister",
    "AccountingRegister": "AccountingRegister", "РегистрБухгалтерии": "AccountingRegister", "Enum": "Enum", "Перечисление": "Enum",
    "ExchangePlan": "ExchangePlan", "ПланОбмена": "ExchangePlan", "BusinessProcess": "BusinessProcess", "БизнесПроцесс": "BusinessProcess",
    "Task": "Task", "Задача": "Task",
}  # fmt: skip
_ENDINGS = re.compile(r"(?:Object|Ref|RecordSet|Record|Ссылка|Объект|НаборЗаписей|Запись)$")
_STANDARD: dict[str, dict[str, str]] = {
    "Catalog": {
        "Код": "Code", "Наименование": "Description", "ПометкаУдаления": "DeletionMark", "Родитель": "Parent", "Владелец": "Owner",
        "ЭтоГруппа": "IsFolder",
    },
    "Document": {"Номер": "Number", "Дата": "Date", "Проведен": "Posted", "ПометкаУдаления": "DeletionMark"},
    "Register": {"Период": "Period", "Регистратор": "Recorder", "Активность": "Active", "ВидДвижения": "RecordType"},
}  # fmt: skip
_BOOLEANS = {"true": True, "false": False}


def entity_of(type_name: str) -> str | None:
    """`Catalog_Контрагенты` of CatalogObject.Контрагенты, CatalogRef.Контрагенты, СправочникСсылка.Контрагенты and the like."""
    kind, _, name = type_name.rpartition(":")[2].partition(".")
    known = _TYPES.get(_ENDINGS.sub("", kind))
    return f"{known}_{name}" if known and name else None


def standard_names(entity: str | None) -> Mapping[str, str]:
    """The names that OData gives the standard attributes of an object, by their Russian ones; a catalog may have a Дата of its own."""
    kind = (entity or "").partition("_")[0]
    return _STANDARD.get("Register" if kind.endswith("Register") else kind, {})


def put(members: JsonObject, name: str, value: Any, type_name: str | None = None) -> None:
    """One attribute: a reference under the name that OData gives it, with its type where that is known; text and truth as they are."""
    if not isinstance(value, str):
        members[name] = value
        return
    entity = entity_of(type_name) if type_name else None
    if entity is not None and not entity.startswith("Enum_"):
        members[name] = value.lower() if value != ZERO else ""
        members[f"{name}_Type"] = f"StandardODATA.{entity}" if value != ZERO else "StandardODATA.Undefined"
        if value != ZERO:  # some writers tell the type of every reference, of one that has no other too
            members[f"{name}_Key"] = value.lower()
    elif GUID.fullmatch(value):
        members[f"{name}_Key"] = value.lower()
    else:
        members[name] = _BOOLEANS.get(value, value)


def streams(loads: str) -> tuple[Stream, ...]:
    """The streams of 1C that an exchange file can hold: balances are reckoned by the base alone."""
    return tuple(replace(stream, loads=loads) for stream in STREAMS if not stream.snapshot)


class Shaper:
    """Finds the stream of an object and finishes its payload.

    Args:
        configuration: of the base that wrote the file, as in skvoz.toml.
        overrides: stream -> entity, where the base keeps it elsewhere.
        deal: the attribute of orders that names the CRM deal.
    """

    def __init__(self, configuration: str, overrides: Mapping[str, str], deal: str | None) -> None:
        self._configuration = configuration
        self._deal = deal
        files = {stream.name for stream in streams("")}
        self._streams: dict[str, str] = {}
        for name, spec in PROFILES[configuration].entities.items():
            if name in files and name not in overrides:
                for entity in spec.candidates:
                    self._streams.setdefault(entity, name)
        self._streams |= {entity: name for name, entity in overrides.items()}

    @property
    def entities(self) -> frozenset[str]:
        """The objects that feed a stream."""
        return frozenset(self._streams)

    def stream(self, entity: str | None) -> str | None:
        """The stream that an entity feeds; None if analytics does not read it."""
        return self._streams.get(entity) if entity else None

    def record(self, entity: str, members: JsonObject) -> Record | None:
        """The record of a catalog item or a document; None if it has no key."""
        key = str(members.get("Ref_Key") or members.get("Ref") or "")
        if not key:
            return None
        members["Ref_Key"] = key
        if entity.startswith("Document_"):
            members.setdefault("Posted", True)
            members.setdefault("DeletionMark", False)
        if self._deal is not None and self._streams.get(entity) == "orders":
            members["_deal"] = members.get(self._deal) or members.get(f"{self._deal}_Key")
        return Record(key, members | self._marks(entity))

    def register(self, entity: str, rows: list[JsonObject], common: Mapping[str, Any]) -> list[Record]:
        """The records of a register's rows: one by recorder, or one a row where no document records it.

        Args:
            entity: the register.
            rows: the rows of one set.
            common: what the set is filtered by, and so every row of it has; a set of a recorder without rows says that its rows are gone.
        """
        rows = [{**common, **row} for row in rows]
        if not rows and (gone := str(common.get("Recorder") or common.get("Recorder_Key") or "")):
            return [Record(gone, None)]
        by_recorder: dict[str, list[JsonObject]] = {}
        records = []
        for row in rows:
            recorder = str(row.get("Recorder") or row.get("Recorder_Key") or "")
            if recorder and recorder != ZERO:
                by_recorder.setdefault(recorder, []).append(row)
            elif self._streams.get(entity) == "currency_rates":
                key = "|".join(str(row.get(name, "")) for name in ("Period", "Валюта_Key"))
                records.append(Record(key, row | self._marks(entity)))
        for recorder, held in by_recorder.items():
            head = {"Recorder": recorder, "Recorder_Type": held[0].get("Recorder_Type", ""), "RecordSet": held}
            records.append(Record(recorder, head | self._marks(entity)))
        return records

    def _marks(self, entity: str) -> JsonObject:
        return {"_entity": entity, "_configuration": self._configuration}
