"""Formats and damage: what is read from where, and what a person is told of a file that is none."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ingestion.errors import PermanentError
from ingestion.sources.files.formats import rows_of
from ingestion.sources.files.options import FileStream
from ingestion.sources.files.source import SOURCE
from ingestion.spec import Source
from tests.ingestion.fuzzing import fuzzed
from tests.ingestion.sources.files.folder import STREAMS, make_folder, write_calls

Zones = Callable[[Source], Any]


def rows(path: Path, **options: Any) -> list[dict[str, Any]]:
    return [row for _, row in rows_of(path, path.name, FileStream.model_validate(options))]


def test_every_format_gives_the_same_rows(zone_of: Zones, tmp_path: Path) -> None:
    zone = zone_of(SOURCE)
    zone.extract(zone.connect(path=str(make_folder(tmp_path / "x")), streams=STREAMS), *STREAMS)
    customer = zone.records("customers")["К1"]
    assert customer["name"] == "ООО Ива"
    assert customer["kind"] == "company"
    assert customer["created_at"] == "2026-02-05T14:30:00+03:00"
    assert zone.records("orders")["о1"] == {"id": "о1", "number": "о1", "order_date": "2026-02-12", "customer_id": "К1", "amount": "20.50"}
    assert zone.records("calls")["1-2"]["direction"] == "in"
    assert zone.records("stock")["A2|Осн"]["quantity"] == "4.5"


def test_a_zip_is_what_it_holds(zone_of: Zones, tmp_path: Path) -> None:
    """Two tables of a format and a picture beside them; one that cannot be unpacked, or holds nothing to read, is told."""
    folder, zipped = make_folder(tmp_path / "x"), tmp_path / "zipped"
    zipped.mkdir()
    with zipfile.ZipFile(zipped / "Выгрузка.ZIP", "w") as archive:
        for file in folder.glob("clients-*.csv"):
            archive.write(file, f"../{file.name}")
        archive.writestr("logo.png", b"\x89PNG")
    options = {"path": str(zipped), "streams": {"customers": {**STREAMS["customers"], "files": "*.zip"}}}
    zone = zone_of(SOURCE)
    zone.extract(zone.connect(**options), "customers")
    assert sorted(zone.records("customers")) == ["К1", "К2", "К3"]
    (zipped / "Выгрузка.ZIP").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(PermanentError, match=r"Выгрузка.ZIP: the archive cannot be unpacked"):
        zone.extract(zone.connect(**options), "customers")
    with zipfile.ZipFile(zipped / "Выгрузка.ZIP", "w") as archive:
        archive.writestr("logo.png", b"\x89PNG")
    with pytest.raises(PermanentError, match=r"Выгрузка.ZIP: the archive holds no file of these kinds: \.csv"):
        zone.extract(zone.connect(**options), "customers")
    assert sorted(zone.records("customers")) == ["К1", "К2", "К3"]


def test_an_unchanged_folder_asks_nothing_and_a_new_file_only_itself(zone_of: Zones, tmp_path: Path) -> None:
    zone, folder = zone_of(SOURCE), make_folder(tmp_path / "x")
    options = {"path": str(folder), "streams": STREAMS}
    zone.extract(zone.connect(**options), *STREAMS)
    assert sum(result.received for result in zone.extract(zone.connect(**options), *STREAMS).values()) == 0
    write_calls(folder, 3)
    assert {name: result.received for name, result in zone.extract(zone.connect(**options), *STREAMS).items() if result.received} == {
        "calls": 3
    }


def test_a_damaged_file_is_one_error_and_takes_nothing_away(zone_of: Zones, tmp_path: Path) -> None:
    zone, folder = zone_of(SOURCE), make_folder(tmp_path / "x")
    options = {"path": str(folder), "streams": STREAMS}
    zone.extract(zone.connect(**options), *STREAMS)
    before = {name: zone.records(name) for name in STREAMS}
    (folder / "orders.xml").write_text("<Обмен><Заказ Ид='о1'><Дата>2026-02-12</Дата>", encoding="utf-8")
    (folder / "calls-1.ndjson").write_bytes(b'{"id": "1-0", "begin"')
    write_calls(folder, 3)
    for name, told in (
        ("orders", r"orders.xml, line 1: this is no whole XML"),
        ("calls", r"calls-1.ndjson, line 1: this is no whole JSON"),
    ):
        with pytest.raises(PermanentError, match=told):
            zone.extract(zone.connect(**options), name)
    assert zone.records("orders") == before["orders"]
    assert len(zone.records("calls")) == 9  # the other days were read all the same


def test_a_file_of_something_else_is_refused_whole(zone_of: Zones, tmp_path: Path) -> None:
    zone = zone_of(SOURCE)
    (tmp_path / "a.csv").write_text("Дата;Сумма\n" + "когда-то;много\n" * 5, encoding="utf-8")
    stream = {"payments": {"columns": {"id": "Дата", "paid_at": "Дата", "amount": "Сумма"}}}
    with pytest.raises(PermanentError, match="every row is bad, the first because paid_at"):
        zone.extract(zone.connect(path=str(tmp_path / "a.csv"), streams=stream), "payments")
    with pytest.raises(PermanentError, match="there are no fields Клиент; the rows have Дата, Сумма"):
        zone.connect(path=str(tmp_path / "a.csv"), streams={"customers": {"columns": {"id": "Клиент", "name": "Сумма"}}}).check()


def test_xml_neither_grows_nor_reaches_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden")
    entities = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha"><!ENTITY f SYSTEM "file://{secret}">{entities}]><x><r><a>&e8;</a><b>&f;</b></r></x>'
    file = tmp_path / "bomb.xml"
    file.write_text(bomb)
    try:
        told = str(rows(file, records="r"))
    except PermanentError as error:
        told = str(error)
    assert "hidden" not in told
    assert len(told) < 1000


def test_headings_that_repeat_and_semicolons_in_text_are_kept_apart(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('sep=|\nId|Phone|Phone\n1|"a|b"|2\n\n', encoding="utf-8")
    assert rows(file, columns={"id": "Id"}) == [{"Id": "1", "Phone": "a|b", "Phone 2": "2"}]


@given(st.binary(max_size=300), st.sampled_from(["csv", "xml", "json", "ndjson", "parquet", "xlsx"]))
@fuzzed(120)
def test_no_bytes_whatever_they_are_break_a_reader(tmp_path: Path, data: bytes, kind: str) -> None:
    file = tmp_path / "x.bin"
    file.write_bytes(data)
    told = "x.bin"
    try:
        assert all(isinstance(row, dict) for _, row in rows_of(file, "x.bin", FileStream.model_validate({"format": kind})))
    except PermanentError as error:
        told = str(error)
    assert told.startswith("x.bin")


@pytest.mark.parametrize(
    "options", [{}, {"path": "ftp://reader:secret@host/x"}, {"path": "x", "streams": {"customers": {"mode": "mirror"}}}]
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SOURCE.options.model_validate(options)
