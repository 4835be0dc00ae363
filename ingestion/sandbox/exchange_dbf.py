"""The company's books as a 1C 7.7 base: dBase III tables without a declared encoding, and the dictionary that names them.

The trade is that of «Торговля и Склад»: catalogs Контрагенты and Номенклатура, documents Реализация with its lines and СтрокаВыпискиПриход.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ingestion.sandbox.company import Company

EMPTY_REFERENCE = "     0   "
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ITEM = {"ID": "ID object", "CODE": "object code", "DESCR": "object description", "ISMARK": "Object is Marked"}
_JOURNAL = ("IDDOC", "IDDOCDEF", "DATE", "TIME", "DOCNO", "CLOSED", "ISMARK")
_DOCUMENT = {"IDDOC": "ID Document's"}
_LINE = {"LINENO": "LineNo", "SP301": "(P)Товар", "SP302": "(P)Количество", "SP303": "(P)Сумма"}
TABLES = {
    "SC12": ("Справочник Контрагенты", _ITEM | {"SP101": "(P)ИНН"}),
    "SC13": ("Справочник Номенклатура", _ITEM | {"SP102": "(P)Артикул"}),
    "1SJOURN": ("Журналы", dict.fromkeys(_JOURNAL, "")),
    "DH27": ("Документ Реализация", _DOCUMENT | {"SP201": "(P)Контрагент", "SP202": "(P)Договор"}),
    "DT27": ("Документ (Мн.ч.) Реализация", _DOCUMENT | _LINE),
    "DH28": ("Документ ПоступлениеДенег", _DOCUMENT | {"SP401": "(P)Плательщик", "SP402": "(P)Сумма"}),
}


@dataclass(frozen=True, slots=True)
class DbfField:
    """A field of a table: C text, N number, D day."""

    name: str
    kind: str
    length: int
    decimals: int = 0


def write_dbf(path: Path, fields: Iterable[DbfField], rows: Iterable[tuple[str, ...]], encoding: str = "cp1251", language: int = 0) -> Path:
    """A dBase III table; values are text, cut and padded to their fields."""
    held, data = list(fields), list(rows)
    size = 1 + sum(one.length for one in held)
    head = (
        bytes([3, 126, 3, 31]) + len(data).to_bytes(4, "little") + (33 + 32 * len(held)).to_bytes(2, "little") + size.to_bytes(2, "little")
    )
    head += bytes(17) + bytes([language]) + bytes(2)
    for one in held:
        head += one.name.encode("ascii").ljust(11, b"\0") + one.kind.encode() + bytes(4) + bytes([one.length, one.decimals]) + bytes(14)
    body = bytearray()
    for row in data:
        body += b" "
        for one, value in zip(held, row, strict=True):
            text = value.encode(encoding, "replace")[: one.length]
            body += text.rjust(one.length) if one.kind == "N" else text.ljust(one.length)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + b"\r" + bytes(body) + b"\x1a")
    return path


def number36(value: int, width: int = 6) -> str:
    """A number as 7.7 writes ids: base 36, blanks before it."""
    digits = ""
    while value or not digits:
        value, rest = divmod(value, 36)
        digits = DIGITS[rest] + digits
    return digits.rjust(width)


def reference(number: int | None) -> str:
    """An id in this base: nine characters with the sign of the database, the empty one if there is none."""
    return EMPTY_REFERENCE if number is None else number36(number) + "   "


def write_base(company: Company, folder: Path) -> Path:
    """The folder of the base; journal, headers and lines of posted and unposted documents."""
    cards = [card for card in company.cards_of("onec") if card.kind == "counterparty"]
    text = [DbfField("ID", "C", 9), DbfField("CODE", "C", 8), DbfField("DESCR", "C", 50), DbfField("ISMARK", "C", 1)]
    buyers = [(reference(card.id), f"{card.id:>8}", card.name, "*" if card.is_deleted else " ", card.tax_id) for card in cards]
    write_dbf(folder / "SC12.DBF", [*text, DbfField("SP101", "C", 20)], buyers)
    goods = [(reference(one.number), one.code[-8:], one.name, " ", one.sku) for one in company.products]
    write_dbf(folder / "SC13.DBF", [*text, DbfField("SP102", "C", 25)], goods)
    paid = [one for one in company.payments if one.kind == "bank_in" and one.operation == "customer_payment" and one.is_conducted]
    journal = [_entry(10_000 + one.number, 27, one.at, one.code, posted=one.is_posted, marked=one.is_marked) for one in company.shipments]
    journal += [_entry(500_000 + one.number, 28, one.at, one.code, posted=one.is_posted, marked=one.is_marked) for one in paid]
    names = [
        DbfField("IDDOC", "C", 9),
        DbfField("IDDOCDEF", "N", 5),
        DbfField("DATE", "D", 8),
        DbfField("TIME", "C", 6),
        DbfField("DOCNO", "C", 12),
    ]
    write_dbf(folder / "1SJOURN.DBF", [*names, DbfField("CLOSED", "N", 1), DbfField("ISMARK", "C", 1)], journal)
    heads = [(reference(10_000 + one.number), reference(one.counterparty), EMPTY_REFERENCE) for one in company.shipments]
    write_dbf(folder / "DH27.DBF", [DbfField("IDDOC", "C", 9), DbfField("SP201", "C", 9), DbfField("SP202", "C", 9)], heads)
    lines = [
        (reference(10_000 + one.number), str(place), reference(line.product), f"{line.quantity:.3f}", f"{line.amount * one.rate:.2f}")
        for one in company.shipments
        for place, line in enumerate(one.lines, 1)
    ]
    numbers = [DbfField("SP302", "N", 14, 3), DbfField("SP303", "N", 15, 2)]
    write_dbf(folder / "DT27.DBF", [DbfField("IDDOC", "C", 9), DbfField("LINENO", "N", 4), DbfField("SP301", "C", 9), *numbers], lines)
    money = [(reference(500_000 + one.number), reference(one.counterparty), f"{one.amount * one.rate:.2f}") for one in paid]
    write_dbf(folder / "DH28.DBF", [DbfField("IDDOC", "C", 9), DbfField("SP401", "C", 9), DbfField("SP402", "N", 15, 2)], money)
    _write_dictionary(folder / "1Cv7.DD")
    return folder


def _entry(document: int, kind: int, at: datetime, code: str, *, posted: bool, marked: bool) -> tuple[str, ...]:
    time = number36((at.hour * 3600 + at.minute * 60 + at.second) * 10_000).strip().rjust(6)
    return reference(document), str(kind), day(at.date()), time, code, "1" if posted else "0", "*" if marked else " "


def day(value: date) -> str:
    """A day as DBF keeps it."""
    return f"{value:%Y%m%d}"


def _write_dictionary(path: Path) -> None:
    lines = ["#===== 1C:Enterprise 7.7", "D=7.7|DDCP=1251RUS|"]
    for name, (title, fields) in TABLES.items():
        lines += [f"T={name:<9}|{title:<40}|A         |{name:<9}|1", "#-----Fields-------"]
        lines += [f"F={field:<13}|{meaning:<24}|C   |9     |0" for field, meaning in fields.items()]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("cp1251"))
