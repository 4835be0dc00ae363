"""The company's 1C base written to files: a V8Exch dump and a «Конвертация данных 2» exchange file of the objects that OData shows.

Both are made from the rows of the OData peer, so that what a reader finds can be held against them, field by field.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_records import PROFILES, Rows
from ingestion.sandbox.onec_values import UNDEFINED, ZERO_GUID, Row

DUMP_HEAD = (
    '<V8Exch:_1CV8DtUD xmlns:V8Exch="http://www.1c.ru/V8/1CV8DtUD/" xmlns:core="http://v8.1c.ru/data" '
    'xmlns:v8="http://v8.1c.ru/8.1/data/enterprise/current-config" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<V8Exch:Data>\n'
)
KINDS = {"Catalog": "Catalog", "Document": "Document", "ChartOfAccounts": "ChartOfAccounts"}
RUSSIAN = {
    "Catalog": "Справочник",
    "Document": "Документ",
    "InformationRegister": "РегистрСведений",
    "AccumulationRegister": "РегистрНакопления",
}
RUSSIAN_NAMES = {
    "Catalog": {
        "Code": "Код", "Description": "Наименование", "DeletionMark": "ПометкаУдаления", "Parent_Key": "Родитель", "Owner_Key": "Владелец",
        "IsFolder": "ЭтоГруппа",
    },
    "Document": {"DeletionMark": "ПометкаУдаления", "Posted": "Проведен", "Date": "Дата", "Number": "Номер"},
    "Register": {"Period": "Период", "Recorder": "Регистратор", "Active": "Активность", "RecordType": "ВидДвижения"},
}  # fmt: skip
SEARCHED = ("Number", "Date", "Code", "Description")
DROPPED = frozenset({"DataVersion", "Ref_Key", "LineNumber"})


def held_rows(company: Company, configuration: str) -> Rows:
    """The entity sets that a dump holds: objects and whole record sets, not the flat rows of registers."""
    rows = PROFILES[configuration].entities(company)
    return {entity: held for entity, held in rows.items() if not entity.endswith("_RecordType")}


def write_dump(company: Company, configuration: str, path: Path) -> Path:
    """A V8Exch dump, objects of every kind in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n' + DUMP_HEAD)
        for entity, rows in held_rows(company, configuration).items():
            for row in rows:
                file.write(_dumped(entity, row) + "\n")
        file.write("</V8Exch:Data>\n<PredefinedData/>\n</V8Exch:_1CV8DtUD>\n")
    return path


def _dumped(entity: str, row: Row) -> str:
    kind, _, name = entity.partition("_")
    if "Register" in kind:
        tag = f"v8:{kind}RecordSet.{name}"
        sets = row.get("RecordSet", [row])
        head = ""
        if "Recorder" in row:
            head = f"<v8:Filter>{''.join(_attributes({key: row[key] for key in ('Recorder', 'Recorder_Type')}))}</v8:Filter>"
        return f"<{tag}>{head}{''.join(f'<v8:Record>{chr(10).join(_attributes(one))}</v8:Record>' for one in sets)}</{tag}>"
    tag = f"v8:{kind}Object.{name}"
    return f"<{tag}><v8:Ref>{row['Ref_Key']}</v8:Ref>{''.join(_attributes(row))}</{tag}>"


def _attributes(row: Row) -> Iterator[str]:
    for name, value in row.items():
        if name in DROPPED or name.endswith("_Type"):
            continue
        if isinstance(value, list):
            yield from (f"<v8:{name}>{''.join(_attributes(one))}</v8:{name}>" for one in value)
        elif name.endswith("_Key"):
            yield f"<v8:{name.removesuffix('_Key')}>{value}</v8:{name.removesuffix('_Key')}>"
        elif f"{name}_Type" in row:
            yield _composite(name, value, row[f"{name}_Type"])
        elif value is None or value == "":
            yield f"<v8:{name}/>"
        else:
            yield f"<v8:{name}>{_plain(value)}</v8:{name}>"


def _composite(name: str, value: Any, kind: str) -> str:
    if kind == UNDEFINED:
        return f'<v8:{name} xsi:nil="true"/>'
    return f'<v8:{name} xsi:type="v8:{_reference_type(kind)}">{value}</v8:{name}>'


def _reference_type(kind: str) -> str:
    entity = kind.removeprefix("StandardODATA.")
    if entity.startswith("UnavailableEntities"):
        return "CatalogRef.НеОпубликован"
    family, _, name = entity.partition("_")
    return f"{family}Ref.{name}"


def _plain(value: Any) -> str:
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


def write_exchange(company: Company, configuration: str, path: Path) -> Path:
    """A КД 2 file: references are written in full at first and by their number in the file afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = _Exchange()
    head = (
        '<ФайлОбмена ВерсияФормата="2.0" ДатаВыгрузки="2026-03-31T00:00:00" НачалоПериодаВыгрузки="2024-01-01T00:00:00" '
        'ИмяКонфигурацииИсточника="УправлениеТорговлей" ИмяКонфигурацииПриемника="УправлениеТорговлей" ИдПравилКонвертации="1">\n'
        "<ПравилаОбмена><ВерсияФормата>2.01</ВерсияФормата><ПравилаКонвертацииОбъектов>" + "<Правило/>" * 2000
        + "</ПравилаКонвертацииОбъектов></ПравилаОбмена>\n"
    )  # fmt: skip
    with path.open("w", encoding="utf-8-sig") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n' + head)
        for entity, rows in held_rows(company, configuration).items():
            for row in rows:
                file.write(writer.exported(entity, row) + "\n")
        file.write("</ФайлОбмена>\n")
    return path


class _Exchange:
    """Numbers objects and references as they are written."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._last = 0

    def exported(self, entity: str, row: Row) -> str:
        kind, _, name = entity.partition("_")
        self._names = RUSSIAN_NAMES.get("Register" if "Register" in kind else kind, {})
        if "Register" in kind:
            return self._set(kind, name, row)
        own = self._numbers.get(row["Ref_Key"]) or self._next(row["Ref_Key"])
        searched = "".join(self._property(one, row[one], row) for one in SEARCHED if row.get(one) not in (None, ""))
        link = f'<Ссылка Нпп="{own}">{self._guid(row["Ref_Key"])}{searched}</Ссылка>'
        rest = {key: value for key, value in row.items() if key not in SEARCHED}
        return (
            f'<Объект Нпп="{own}" Тип="{RUSSIAN.get(kind, kind)}Ссылка.{name}" ИмяПравила="{name}">{link}{self._properties(rest)}</Объект>'
        )

    def _set(self, kind: str, name: str, row: Row) -> str:
        self._last += 1
        rows = "".join(f"<Объект>{self._properties(one)}</Объект>" for one in row.get("RecordSet", [row]))
        head = self._properties({key: row[key] for key in ("Recorder", "Recorder_Type") if key in row})
        inside = f"<Фильтр>{head}</Фильтр><СтрокиНабораЗаписей>{rows}</СтрокиНабораЗаписей>"
        marks = f'Нпп="{self._last}" Тип="{RUSSIAN[kind]}НаборЗаписей.{name}" ИмяПравила="{name}"'
        return f"<НаборЗаписейРегистра {marks}>{inside}</НаборЗаписейРегистра>"

    def _properties(self, row: Row) -> str:
        pieces = []
        for name, value in row.items():
            if name in DROPPED or name.endswith("_Type"):
                continue
            if isinstance(value, list):
                rows = "".join(f"<Запись>{self._properties(one)}</Запись>" for one in value)
                pieces.append(f'<ТабличнаяЧасть Имя="{name}">{rows}</ТабличнаяЧасть>')
            else:
                pieces.append(self._property(name, value, row))
        return "".join(pieces)

    def _property(self, name: str, value: Any, row: Row) -> str:
        shown = self._names.get(name, name).removesuffix("_Key")
        composite = row.get(f"{name}_Type")
        is_reference = name.endswith("_Key") or (composite is not None and composite != UNDEFINED)
        if value in (None, "", ZERO_GUID):
            return f"<Свойство Имя={quoteattr(shown)}><Пусто/></Свойство>"
        if is_reference:
            known = _reference_type(composite) if composite else "CatalogRef.Х"
            kind = known.replace("CatalogRef", "СправочникСсылка").replace("DocumentRef", "ДокументСсылка")
            return f"<Свойство Имя={quoteattr(shown)} Тип={quoteattr(kind)}>{self._link(str(value))}</Свойство>"
        return f'<Свойство Имя={quoteattr(shown)} Тип="Строка"><Значение>{_plain(value)}</Значение></Свойство>'

    def _link(self, guid: str) -> str:
        if guid in self._numbers:
            return f"<Нпп>{self._numbers[guid]}</Нпп>"
        return f'<Ссылка Нпп="{self._next(guid)}">{self._guid(guid)}</Ссылка>'

    def _next(self, guid: str) -> int:
        self._last += 1
        self._numbers[guid] = self._last
        return self._last

    def _guid(self, guid: str) -> str:
        return f'<Свойство Имя="{{УникальныйИдентификатор}}" Тип="Строка"><Значение>{guid}</Значение></Свойство>'
