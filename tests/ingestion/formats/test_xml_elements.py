"""Large XML in little memory, and what an element is as JSON."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, cast

import pytest

from ingestion.formats.damage import DamagedFileError
from ingestion.formats.encodings import text_encoding, xml_encoding
from ingestion.formats.files import HEAD_BYTES, Part, natural
from ingestion.formats.xml_elements import JsonElements, elements


class Endless(io.RawIOBase):
    """A file that is made while it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, _size: int = -1) -> bytes:
        return next(self._pieces, b"")


def endless(pieces: Iterator[bytes], head: bytes) -> Part:
    return Part("a.xml", cast("BinaryIO", Endless(pieces)), head)  # only read() is asked for


def part(data: bytes) -> Part:
    return Part("a.xml", io.BytesIO(data), data[:HEAD_BYTES])


def test_what_nobody_asked_for_does_not_gather() -> None:
    head = b"<root>" + b" " * HEAD_BYTES

    def pieces() -> Iterator[bytes]:
        yield head
        for number in range(60):
            yield b"<other><deep>text</deep></other>" * 1000 + b"<wanted>%d</wanted>" % number
        yield b"</root>"

    seen = []
    for element in elements(endless(pieces(), head), ["wanted"]):
        seen.append(element.text)
        assert len(element.getparent()) < 2_000
    assert seen == [str(number) for number in range(60)]


def test_an_element_without_end_is_refused_before_it_fills_the_memory() -> None:
    head = b"<root><wanted>"

    def pieces() -> Iterator[bytes]:
        yield head
        while True:
            yield b"<row>text</row>" * 10_000

    with pytest.raises(DamagedFileError, match=r"one <wanted> is larger than 1 MB"):
        list(elements(endless(pieces(), head), ["wanted"], most_bytes=1024**2))


def test_only_the_outermost_of_wanted_elements_are_given() -> None:
    data = b"<r><a><b><a>inner</a></b></a><a>second</a><c><a>third</a></c></r>"
    assert [len(element) for element in elements(part(data), ["a"])] == [1, 0, 0]


def test_elements_become_json_as_they_stand() -> None:
    data = (
        b'<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><a k="1">text<b/>tail<c>1</c><c>2</c><d i:nil="true"/><e>  </e>'
        b'<f i:type="x:y">v</f><many>one</many></a></r>'
    )
    json = JsonElements(frozenset({"many"}))
    assert [json.value(element) for element in elements(part(data), ["a"])] == [
        {
            "@k": "1",
            "b": "",
            "c": ["1", "2"],
            "d": None,
            "e": "",
            "f": {"@type": "x:y", "#text": "v"},
            "many": ["one"],
            "#text": "text tail",
        }
    ]


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b'<?xml version="1.0" encoding="windows-1251"?><a>ascii</a>', None),
        ('<?xml version="1.0" encoding="windows-1251"?><a>да</a>'.encode("cp1251"), None),
        ('<?xml version="1.0" encoding="windows-1251"?><a>да</a>'.encode(), "utf-8"),
        ('<?xml version="1.0"?><a>да</a>'.encode("cp1251"), "windows-1251"),
        ("<a>да".encode()[:-1], "utf-8"),
        ("<a>да</a>".encode("utf-16"), None),
    ],
)
def test_the_encoding_of_xml_is_told_by_its_bytes(head: bytes, told: str | None) -> None:
    assert xml_encoding(head) == told


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "utf-8-sig"])
def test_the_encoding_of_text_is_told_by_how_it_reads(encoding: str) -> None:
    text = "Плательщик=Общество с ограниченной ответственностью Ромашка\nНазначениеПлатежа=Оплата по договору за доски обрезные\n"
    assert text_encoding(text.encode(encoding)) == encoding
    table = "Дата;Номер транзакции;Сумма\n" + "08.11.2026;50000001;1234,56\n" * 40  # most of it reads alike in both
    assert text_encoding(table.encode(encoding), "cp1251") == encoding
    assert text_encoding(table.encode(encoding), "cp866") == encoding


def test_blanks_between_thousands_are_no_russian_letters() -> None:
    assert text_encoding("Day;Cost\n2026-11-08;1\u00a0234,56\n".encode("cp1251"), "cp1251") == "cp1251"


def test_names_are_sorted_as_people_count() -> None:
    assert sorted(["offers10.xml", "offers2.xml", "Offers1.xml"], key=natural) == ["Offers1.xml", "offers2.xml", "offers10.xml"]
