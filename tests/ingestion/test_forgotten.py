"""What is masked of a forgotten person, and what is left alone."""

import stat
from pathlib import Path
from typing import Any

import orjson
import pytest

from ingestion.errors import RawZoneError
from ingestion.forgotten import FILE, Forgotten, Traces, name_words, national_digits
from ingestion.rawzone import StreamZone
from ingestion.spec import Record, Stream

IVANOV = Traces(
    phones=frozenset({"+79161234567"}),
    emails=frozenset({"Ivanov.S@Mail.example"}),
    tax_ids=frozenset({"500100732259"}),
    names=frozenset({"Иванов Семён Петрович"}),
    cards=frozenset({("sales/contacts", "12")}),
)
NOTES = Stream("notes", loads="by page", feeds=())


@pytest.fixture
def forgotten(tmp_path: Path) -> Forgotten:
    forgotten = Forgotten.of(tmp_path / "state")
    forgotten.learn(IVANOV)
    forgotten.save()
    return forgotten


@pytest.mark.parametrize(
    "text",
    [
        "+79161234567",
        "8 (916) 123-45-67",
        "tel:+7-916-123.45.67;ext=3",
        "звонили с 89161234567 12 раз",
        "9161234567",
        "IVANOV.S@mail.example",
        "от <ivanov.s@mail.example>, срочно",
        "ИНН 500100732259 КПП",
        "Оплата от ИП ИВАНОВ СЕМЕН ПЕТРОВИЧ по счёту",
        "Иванов  Семён   Петрович",
    ],
)
def test_every_way_of_writing_a_trace_is_masked(forgotten: Forgotten, text: str) -> None:
    masked = forgotten.text(text)
    assert "forgotten-" in masked
    lowered = "".join(letter for letter in masked.casefold() if letter.isalnum())
    assert all(trace not in lowered for trace in ("1234567", "ivanov", "500100732259", "петрович"))


@pytest.mark.parametrize(
    "text",
    [
        "+79161234568",
        "Иванов Пётр Семёнович",
        "Семён",
        "petrov@mail.example",
        "40702810916123456700",
        "9e916123-4567-11ef-8c5e-a9d94f79d409",
        "2026-03-31T12:34:56+03:00",
        "",
    ],
)
def test_others_are_left_alone(forgotten: Forgotten, text: str) -> None:
    assert forgotten.text(text) is text


def test_the_same_trace_is_always_masked_by_the_same_word(forgotten: Forgotten, tmp_path: Path) -> None:
    again = Forgotten.read(tmp_path / "state")
    assert again is not None
    assert again.text("9161234567") == forgotten.text("916-123-45-67")
    assert forgotten.text("+79161234567") != forgotten.text("ivanov.s@mail.example")


def test_a_record_that_tells_by_a_number_tells_no_name_either(forgotten: Forgotten) -> None:
    lead: dict[str, Any] = {"NAME": "Семён", "LAST_NAME": "Иванов", "PHONE": [{"VALUE": "+7 916 123-45-67"}], "OPPORTUNITY": "1500.00"}
    masked = forgotten.payload("sales/leads", "7", lead)
    assert masked is not None
    text = orjson.dumps(masked).decode()
    assert "Семён" not in text
    assert "Иванов" not in text
    assert masked["OPPORTUNITY"] == "1500.00"
    namesake = {"NAME": "Семён", "LAST_NAME": "Иванов"}
    assert forgotten.payload("sales/leads", "8", namesake) is namesake, "another Ivanov stays"


def test_a_trace_after_a_line_break_is_found_too(forgotten: Forgotten) -> None:
    for text in ("Сделка\nИванов Семён Петрович", "тел.\t+79161234567", 'почта\n"ivanov.s@mail.example"'):
        masked = forgotten.payload("sales/leads", "7", {"deep": [{"note": text}]})
        assert masked is not None
        assert "forgotten-" in masked["deep"][0]["note"]


def test_of_a_card_only_what_it_belongs_to_is_kept(forgotten: Forgotten) -> None:
    card = {
        "id": 12,
        "name": "Сеня",
        "address": "ул. Речная, дом 7",
        "birthday": "1980-05-05",
        "created_at": 1668931525,
        "phone": 79161234567,
        "Ref_Key": "21995bde-860d-11ef-8c5e-a9d94f79d409",
        "ЮридическоеФизическоеЛицо": "ФизическоеЛицо",
        "_embedded": {"companies": [{"id": 20007}], "tags": [{"name": "должник"}]},
        "is_deleted": False,
    }
    masked = forgotten.payload("sales/contacts", "12", card)
    assert masked is not None
    assert masked["name"] == masked["address"] == masked["_embedded"]["tags"][0]["name"]
    assert masked["name"].startswith("forgotten-")
    assert masked["birthday"] is None
    assert masked["phone"] is None
    kept = ("id", "created_at", "Ref_Key", "ЮридическоеФизическоеЛицо", "is_deleted")
    assert {name: masked[name] for name in kept} == {name: card[name] for name in kept}
    assert masked["_embedded"]["companies"] == [{"id": 20007}]


def test_what_is_forgotten_does_not_come_back_when_a_system_is_read_again(forgotten: Forgotten, tmp_path: Path) -> None:
    assert forgotten.path.exists()
    zone = StreamZone(tmp_path / "raw", "sales", NOTES)
    zone.open()
    assert zone.add(Record("call-89161234567", {"text": "перезвонить: 8 916 123 45 67"}))
    zone.flush()
    assert not zone.add(Record("call-89161234567", {"text": "перезвонить: 8 916 123 45 67"})), "the same record is known already"
    assert set(zone.names(["call-89161234567"])) == zone.known_keys()
    zone.reject({"from": "+79161234567"}, "no record")
    zone.close()
    held = b"".join(path.read_bytes() for path in zone.folder.iterdir())
    assert b"9161234567" not in held


def test_the_list_holds_digests_only_and_is_its_owners_own(forgotten: Forgotten) -> None:
    text = forgotten.path.read_text(encoding="utf-8").casefold()
    assert not any(trace in text for trace in ("9161234567", "ivanov", "500100732259", "иванов"))
    assert stat.S_IMODE(forgotten.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(("content", "said"), [(b"{", "damaged"), (b'{"format": 2}', "newer skvoz")])
def test_a_list_that_cannot_be_read_stops_the_reading(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(RawZoneError, match=said):
        Forgotten.read(tmp_path)


def test_numbers_and_names_are_reduced_to_what_every_way_of_writing_shares() -> None:
    assert national_digits("+37369123456") == "69123456"
    assert national_digits("+79161234567") == "9161234567"
    assert name_words("ИП Ёлкин Пётр") == ["елкин", "петр"]
