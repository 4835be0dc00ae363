"""Bank statements: what stands in them is read once, whatever banks do to the format, and a damaged one says where."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import PermanentError
from ingestion.formats.damage import DamagedFileError
from ingestion.formats.files import Part
from ingestion.formats.spool import Bad, Found
from ingestion.sandbox.company import build_company
from ingestion.sandbox.exchange_statements import write_statements
from ingestion.sources.onec_client_bank.source import SOURCE
from ingestion.sources.onec_client_bank.statements import Statements, iso_date, plain_amount, purpose
from ingestion.spec import Source
from tests.ingestion.fuzzing import fuzzed

Zones = Callable[[Source], Any]
OWN, CLIENT, OTHER = "40702810000000000001", "40702810000000000888", "40702810000000000002"

HEADER = [
    "1CClientBankExchange",
    "ВерсияФормата=1.02",
    "Кодировка=Windows",
    "ДатаСоздания=10.03.2026",
    "ВремяСоздания=13:39:23",
    f"РасчСчет={OWN}",
]


def document(number: str = "11", amount: str = "20000.00", payer: str = CLIENT, payee: str = OWN, **more: str) -> list[str]:
    fields = {"Номер": number, "Дата": "05.03.2026", "Сумма": amount, "ПлательщикСчет": payer, "ПолучательСчет": payee, **more}
    return ["СекцияДокумент=Платежное поручение", *(f"{key}={value}" for key, value in fields.items()), "КонецДокумента"]


def statement(*sections: list[str], end: bool = True, encoding: str = "cp1251", newline: str = "\r\n") -> bytes:
    lines = [*HEADER, *(line for section in sections for line in section), *(["КонецФайла"] if end else [])]
    return newline.join(lines).encode(encoding)


def part(data: bytes) -> Part:
    return Part("bank/kl.txt", io.BytesIO(data), data[:65536])


def put(folder: Path, data: bytes, name: str = "kl.txt") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


def test_the_sandbox_companys_statements_give_every_executed_payment_once(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    company = build_company(scale=0.1)
    written = write_statements(company, zone.root / "bank")
    zone.extract(zone.connect(path="bank"))
    rows = [one for one in zone.records("documents").values() if one["_executed_on"]]
    truth = written.payments
    assert len(rows) == len(truth) > 50
    for direction, kind in (("in", "bank_in"), ("out", "bank_out")):
        read = sum(Decimal(one["_amount"]) for one in rows if one["_direction"] == direction)
        assert read == sum(one.amount for one in truth if one.kind == kind) > 0
    assert {one["_tax_id"] for one in rows if one["_direction"] == "in"} >= {
        company.customer[one.customer].tax_id for one in truth if one.kind == "bank_in" and one.customer
    }
    assert {one["_purpose"] for one in rows} == {one.purpose for one in truth}


def test_balances_are_read_as_banks_write_them(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    balance = ["СекцияРасчСчет", "ДатаНачала=01.03.2026", "ДатаКонца=31.03.2026", f"РасчСчет={OWN}", "НачальныйОстаток=1 000,50"]
    put(zone.root, statement([*balance, "КонечныйОстаток=-20.05", "КонецРасчСчет"]))
    zone.extract(zone.connect(path="kl.txt"))
    (only,) = zone.records("balances").values()
    assert (only["_date_to"], only["_opening"], only["_closing"]) == ("2026-03-31", "1000.50", "-20.05")


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_the_declared_encoding_may_lie(zone_of: Zones, encoding: str, newline: str) -> None:
    zone = zone_of(SOURCE)
    put(zone.root, statement(document(НазначениеПлатежа="Оплата по счёту за доски"), encoding=encoding, newline=newline))
    zone.extract(zone.connect(path="kl.txt"))
    (only,) = zone.records("documents").values()
    assert only["_purpose"] == "Оплата по счёту за доски"
    assert only["_direction"] == "in"


def test_transfers_between_own_accounts_stand_in_both_files_and_are_one_record(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    put(zone.root / "bank", statement(document(payer=OWN, payee=OTHER, ДатаСписано="05.03.2026")), "a.txt")
    put(zone.root / "bank", statement(document(payer=OWN, payee=OTHER, ДатаПоступило="05.03.2026")), "b.txt")
    zone.extract(zone.connect(path="bank", own_accounts=[OWN, OTHER]))
    (only,) = zone.records("documents").values()
    assert only["_direction"] == "internal"


def test_two_equal_payments_of_one_file_are_two_and_stay_two(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    put(zone.root / "bank", statement(document(), document()), "a.txt")
    put(zone.root / "bank", statement(document(), document(), document(number="12")), "b.txt")
    zone.extract(zone.connect(path="bank"))
    assert len(zone.records("documents")) == 3


def test_an_unchanged_file_asks_nothing_and_a_touched_one_writes_nothing(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    path = put(zone.root, statement(document()))
    connector = zone.connect(path="*.txt")
    assert zone.extract(connector)["documents"].written == 1
    os.utime(path, (1, 1))
    assert zone.extract(connector)["documents"].received == 0
    put(zone.root, statement(document(), document(number="12")))
    assert zone.extract(connector)["documents"].written == 1


def test_a_file_that_breaks_off_keeps_what_was_good_and_says_where(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    whole = statement(document(), document(number="12"))
    put(zone.root / "bank", whole[: whole.rindex("КонецДокумента".encode("cp1251"))], "a.txt")
    connector = zone.connect(path="bank")
    with pytest.raises(PermanentError, match=r"crm: bank/a\.txt, line \d+: the file breaks off: there is no КонецФайла"):
        zone.extract(connector)
    assert len(zone.records("documents")) == 1
    with pytest.raises(PermanentError, match="breaks off"):  # told again without reading it again
        zone.extract(connector)
    put(zone.root / "bank", whole, "a.txt")
    zone.extract(connector)
    assert len(zone.records("documents")) == 2


@pytest.mark.parametrize(
    ("written", "told"),
    [("ИНН 7701234567 ООО Ива", "ООО Ива"), ("ИНН  ООО Ива", "ООО Ива"), ("ИНН 0 Банк", "Банк"), ("ИННА", "ИННА")],
)
def test_a_name_is_kept_without_the_tax_id_before_it(zone_of: Zones, written: str, told: str) -> None:
    zone = zone_of(SOURCE)
    put(zone.root / "bank", statement(document(Плательщик=written)))
    zone.extract(zone.connect(path="bank"))
    assert [one["_counterparty"] for one in zone.records("documents").values()] == [told]


def test_a_purpose_that_a_bank_breaks_into_lines_is_one(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    written = "Оплата по счету\r\n\r\n№ 305 от 01.03.2026\r\nбез НДС"
    put(zone.root / "bank", statement(document(НазначениеПлатежа=written, КодНазПлатежа="1")))
    zone.extract(zone.connect(path="bank"))
    found = next(iter(zone.records("documents").values()))
    assert (found["_purpose"], found["КодНазПлатежа"]) == ("Оплата по счету № 305 от 01.03.2026 без НДС", "1")


@pytest.mark.parametrize("data", [b"", b"<html>503</html>", b"PK\x03\x04 no archive", "Номер;Дата\r\n".encode()])
def test_what_is_no_statement_is_one_sentence(zone_of: Zones, data: bytes) -> None:
    zone = zone_of(SOURCE)
    put(zone.root / "bank", data)
    with pytest.raises(PermanentError, match=r"^crm: bank/kl\.txt"):
        zone.extract(zone.connect(path="bank"))


def test_a_payment_without_amount_is_kept_aside(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    put(zone.root, statement(document(amount="много"), document(number="12")))
    results = zone.extract(zone.connect(path="kl.txt"))
    assert (results["documents"].received, results["documents"].rejected) == (1, 1)


def test_a_missing_path_is_said_with_what_to_do(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    with pytest.raises(PermanentError, match=r"there is no file or folder bank/\*\.txt; put it there or correct path"):
        zone.extract(zone.connect(path="bank/*.txt"))


def test_small_things_of_the_format() -> None:
    assert [plain_amount(text) for text in ("1 234,50", "1234.5", "15000-00", "-5", "x", "")] == [
        "1234.50", "1234.50", "15000.00", "-5.00", None, None,
    ]  # fmt: skip
    assert [iso_date(text) for text in ("31.01.2026", "31.02.2026", "", "2026-01-31")] == ["2026-01-31", None, None, None]
    assert purpose({"НазначениеПлатежа": "за март", "НазначениеПлатежа1": "за", "НазначениеПлатежа2": "март"}) == "за март"
    assert purpose({"НазначениеПлатежа1": "за", "НазначениеПлатежа2": "март"}) == "за март"


@fuzzed(150)
@given(st.binary(max_size=400), st.integers(0, 400), st.integers(0, 60))
def test_any_damage_is_records_or_one_error(noise: bytes, place: int, cut: int) -> None:
    good = statement(document(), document(number="12"))
    data = good[:place] + noise + good[place + cut :]
    try:
        for found in Statements().read(part(data)):
            assert isinstance(found, Found | Bad)
    except DamagedFileError as error:
        where = error.where
        assert where.startswith("bank/kl.txt")
