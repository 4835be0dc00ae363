"""Which objects of EnterpriseData feed which stream of 1C, and how their parts are called in the shape of OData.

An object's own key and every reference are structures of key properties; a reference may come without its guid, and then it is told by
what the structure says (tax number, name). What only a reference knows of an object becomes a stub of that object, older than anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.formats.onec_shape import GUID
from ingestion.spec import JsonObject

CATALOGS = {
    "Организации": "organisations", "Склады": "warehouses", "Подразделения": "departments", "Пользователи": "managers",
    "Контрагенты": "counterparties", "Договоры": "contracts", "Номенклатура": "products", "ЕдиницыИзмерения": "units",
    "Валюты": "currencies", "СтатьиДДС": "cash_articles", "БанковскиеСчета": "bank_accounts", "НоменклатураГруппа": "products",
}  # fmt: skip
DOCUMENTS = {
    "ЗаказКлиента": "orders", "РеализацияТоваровУслуг": "shipments", "ВозвратТоваровОтПокупателя": "returns",
    "ОтчетОРозничныхПродажах": "retail_reports", "ОперацияПоПлатежнойКарте": "card_operations",
}  # fmt: skip
INVOICE = "СчетПокупателю"
MONEY = {"ПБДС": "bank_receipts", "СБДС": "bank_payments", "ПКО": "cash_receipts", "РКО": "cash_payments"}
MONEY_KINDS = (
    "РасчетыСКонтрагентами", "ПоПлатежнымКартам", "ВзносНаличными", "РозничнаяВыручка", "Прочее", "ПрочиеРасчеты", "ВозвратДенежныхСредств",
    "ПереводСДругогоСчета", "ПереводНаДругойСчет", "ПолучениеНаличныхВБанке", "СнятиеНаличных", "ПоступлениеНаличных", "ВыдачаНаличных",
    "РасчетыСПодотчетнымиЛицами", "ВыплатаЗаработнойПлаты", "УплатаНалога", "РасчетыПоКредитамИЗаймам", "ПрочиеДоходы", "ПрочиеРасходы",
)  # fmt: skip
"""Endings of the names of money documents; only some have public schemas, so unknown ones are simply not there."""

_OPERATIONS = {
    ("ПБДС", "customer"): "ОплатаПокупателя",
    ("СБДС", "customer"): "ВозвратПокупателю",
    ("ПКО", "customer"): "ПоступлениеОплатыОтПокупателя",
    ("РКО", "customer"): "ВозвратПокупателю",
    ("ПБДС", "supplier"): "ВозвратОтПоставщика",
    ("СБДС", "supplier"): "ОплатаПоставщику",
    ("ПКО", "supplier"): "ВозвратОтПоставщика",
    ("РКО", "supplier"): "ОплатаПоставщику",
}
_NAMES = {"ПоПлатежнымКартам": "ОплатаПоПлатежнымКартам", "РозничнаяВыручка": "РозничнаяВыручка", "ВзносНаличными": "ВзносНаличными"}
_REFERENCES = {
    "Организация": "organisations", "Склад": "warehouses", "Подразделение": "departments", "Ответственный": "managers",
    "Контрагент": "counterparties", "Договор": "contracts", "Номенклатура": "products", "ЕдиницаИзмерения": "units", "Валюта": "currencies",
    "ВалютаВзаиморасчетов": "currencies", "СтатьяДДС": "cash_articles", "БанковскийСчетОрганизации": "bank_accounts",
    "ЗаказКлиента": "", "Заказ": "", "СчетПокупателю": "", "ДокументРеализации": "", "ДокументРасчетов": "",
}  # fmt: skip
_SAME = {
    "СтатьяДДС": "СтатьяДвиженияДенежныхСредств", "СчетПокупателю": "СчетНаОплатуПокупателю", "ДокументРасчетов": "Документ",
}  # fmt: skip
"""References that the configurations call otherwise."""
_ONE_OF = frozenset({"ДокументРеализации", "ДокументРасчетов"})
"""References to one of several kinds of documents: the structure of key properties stands inside, under the name of the kind."""
_HOISTED = ("ОбщиеДанные", "ДанныеВзаиморасчетов", "ДанныеНоменклатуры")
_TABLES = {"ТоварыПродажа": "Товары", "ТоварыВозвратПродажи": "ВозвращенныеТовары", "ЭтапыОплаты": "ЭтапыГрафикаОплаты"}
_PAID = ("СуммаСУчетомСкидки", "СуммаВозврата")
"""What lines of a shop's day were sold for and given back for; their Сумма is before discounts."""


@dataclass(frozen=True, slots=True)
class Stub:
    """What a reference says of an object that may never be sent by itself."""

    stream: str
    key: str
    members: JsonObject
    is_folder: bool = False


def stream_of(name: str, *, invoices: bool) -> tuple[str, str] | None:
    """(stream, OData name) of `Документ.ЗаказКлиента` and the like; None if analytics does not read it."""
    kind, _, own = name.partition(".")
    if kind == "Справочник" and own in CATALOGS:
        return CATALOGS[own], f"Catalog_{own}"
    if kind != "Документ":
        return None
    if own == INVOICE:
        return ("orders", f"Document_{own}") if invoices else None
    if own == "ЗаказКлиента" and invoices:
        return None
    if own in DOCUMENTS:
        return DOCUMENTS[own], f"Document_{own}"
    stream = next((stream for prefix, stream in MONEY.items() if own.startswith(prefix)), None)
    return None if stream is None else (stream, f"Document_{own}")


def tags(*, invoices: bool) -> tuple[str, ...]:
    """Element names of everything that feeds a stream."""
    documents = [*DOCUMENTS, INVOICE, *(f"{prefix}{kind}" for prefix in MONEY for kind in MONEY_KINDS)]
    names = [*(f"Справочник.{one}" for one in CATALOGS), *(f"Документ.{one}" for one in documents)]
    return tuple(name for name in names if stream_of(name, invoices=invoices) is not None)


def key_of(properties: Any) -> str:
    """The key that a structure of key properties means: its guid, else what else it says; '' for none."""
    if isinstance(properties, str):
        return properties.strip().lower() if GUID.fullmatch(properties.strip()) else properties.strip()
    if not isinstance(properties, dict):
        return ""
    guid = properties.get("Ссылка")
    if isinstance(guid, str) and guid.strip():
        return guid.strip().lower()
    data = properties.get("ДанныеКлассификатора")
    if isinstance(data, dict):
        return text(data, "Код") or text(data, "Наименование")
    told = [
        text(properties, name) for name in ("ИНН", "КПП", "Номер", "Дата", "НомерСчета", "Артикул", "КодВПрограмме", "Наименование", "ФИО")
    ]
    return "/".join(one for one in told if one)


def text(members: Mapping[str, Any], name: str) -> str:
    """A leaf's text, '' if it is none."""
    value = members.get(name)
    return value.strip() if isinstance(value, str) else ""


class Flattener:
    """Brings one object into the shape of OData, and gathers the stubs of what it refers to."""

    def __init__(self) -> None:
        self.stubs: list[Stub] = []

    def flat(self, members: JsonObject) -> JsonObject:
        """The object or row: its own keys as sent, and beside them references as keys, tables as lists of rows."""
        found: JsonObject = {}
        for name, value in self._spread(members):
            if isinstance(value, dict) and "Строка" in value:
                rows = value["Строка"]
                found[_TABLES.get(name, name)] = [self._row(row) for row in rows if isinstance(row, dict)]
            elif name in _REFERENCES and (key := key_of(self._inner(name, value))):
                found[f"{name}_Key"] = found[f"{_SAME.get(name, name)}_Key"] = key
                self._remember(_REFERENCES[name], key, self._inner(name, value))
            else:
                found.setdefault(name, value)
        return found

    def _row(self, members: JsonObject) -> JsonObject:
        found = self.flat(members)
        paid = next((found[name] for name in _PAID if found.get(name)), None)
        return found if paid is None else found | {"Сумма": paid, "СуммаДоСкидки": found.get("Сумма")}

    def _spread(self, members: JsonObject) -> Iterator[tuple[str, Any]]:
        for name, value in members.items():
            if name in _HOISTED and isinstance(value, dict):
                yield from self._spread(value)
            else:
                yield name, value

    def _inner(self, name: str, value: Any) -> Any:
        """`Заказ` of a payment holds one of several kinds of orders."""
        if name == "Заказ" and isinstance(value, dict) and "ЗаказКлиента" in value:
            return value["ЗаказКлиента"]
        if name in _ONE_OF and isinstance(value, dict) and not key_of(value):
            return next((one for one in value.values() if isinstance(one, dict)), value)
        return value

    def _remember(self, stream: str, key: str, properties: Any) -> None:
        if stream and isinstance(properties, dict):
            self.stubs.append(Stub(stream, key, properties))


def named(members: JsonObject, properties: JsonObject) -> JsonObject:
    """The standard attributes of a catalog item or document out of its key properties."""
    data = properties.get("ДанныеКлассификатора")
    classified = data if isinstance(data, dict) else {}
    found = {
        "Ref_Key": key_of(properties),
        "Number": text(properties, "Номер") or None,
        "Date": text(properties, "Дата") or None,
        "Code": text(properties, "КодВПрограмме") or text(classified, "Код") or None,
        "Description": text(properties, "Наименование") or text(properties, "ФИО") or text(classified, "Наименование") or None,
    }
    return {name: value for name, value in found.items() if value is not None and not (name in members and name != "Ref_Key")}


def folders(stream: str, properties: JsonObject) -> list[Stub]:
    """The groups that a product stands in, its own first: the format names them within its key properties."""
    found: list[Stub] = []
    group = properties.get("Группа") if stream == "products" else None
    while isinstance(group, dict) and (key := key_of(group)):
        found.append(Stub(stream, key, group, is_folder=True))
        group = group.get("Группа")
    return found


def operation(name: str, members: JsonObject) -> str | None:
    """The operation of a money document as payments know it; its own name where the format says no more."""
    prefix = next((one for one in MONEY if name.startswith(one)), None)
    if prefix is None:
        return None
    kind = name.removeprefix(prefix)
    if kind == "РасчетыСКонтрагентами":
        side = text(members, "ВидРасчетов")
        who = "customer" if "Покупател" in side or "Клиент" in side else "supplier" if "Поставщик" in side else ""
        return _OPERATIONS.get((prefix, who), kind)
    return _NAMES.get(kind, kind)
