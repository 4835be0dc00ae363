"""Letters as programs write them: parts in parts, names in every way of writing, encodings that are declared wrong or not at all."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sandbox import mail_and_ftp
from ingestion.sources.files.letters import letter_of, mailbox_name
from ingestion.sources.files.source import SOURCE
from ingestion.spec import Source
from tests.ingestion.fuzzing import fuzzed

Zones = Callable[[Source], Any]
TABLE = "Код;Наименование\r\n7;ООО Ёлка\r\n"
HEAD = b"From: robot@example.ru\r\nSubject: list\r\nMIME-Version: 1.0\r\n"


def part(kind: str, content: bytes, disposition: bytes = b"") -> bytes:
    told = b"Content-Disposition: " + disposition + b"\r\n" if disposition else b""
    return b"Content-Type: " + kind.encode() + b"\r\n" + told + b"Content-Transfer-Encoding: base64\r\n\r\n" + b64encode(content)


def several(*parts: bytes, border: str = "one") -> bytes:
    line = b"\r\n--" + border.encode()
    body = b"".join(line + b"\r\n" + one for one in parts)
    return f"Content-Type: multipart/mixed; boundary={border}\r\n".encode() + body + line + b"--\r\n"


TEXT = part("text/plain; charset=utf-8", "Во вложении.".encode())


def encoded(name: str, encoding: str) -> bytes:
    return f"=?{encoding}?B?{b64encode(name.encode(encoding)).decode()}?=".encode()


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b"attachment; filename*0*=utf-8''%D1%81%D0%BF; filename*1*=%D0%B8%D1%81%D0%BE%D0%BA.csv", "список.csv"),
        (b'attachment; filename="' + encoded("список.csv", "koi8-r") + b'"', "список.csv"),
        ('attachment; filename="список.csv"'.encode("cp1251"), "список.csv"),
        ('attachment; filename="список.csv"'.encode(), "список.csv"),
        (b'inline; filename="C:\\\\out/list.csv"', "list.csv"),
    ],
    ids=["RFC 2231", "encoded word", "bare cp1251", "bare UTF-8", "with folders"],
)
def test_names_are_read_in_every_way_of_writing(disposition: bytes, name: str) -> None:
    letter = letter_of(HEAD + several(TEXT, part("application/octet-stream", b"x", disposition)))
    assert letter is not None
    assert letter.names == [name]


@pytest.mark.parametrize("kind", ["text/csv", "text/csv; charset=us-ascii", "text/plain; charset=utf-8"])
def test_a_table_is_the_bytes_that_were_sent_whatever_encoding_is_declared(kind: str) -> None:
    sent = TABLE.encode("cp1251")
    letter = letter_of(HEAD + several(TEXT, part(kind, sent, b'attachment; filename="a.csv"')))
    assert letter is not None
    assert letter.content("a.csv") == sent


def test_attachments_are_found_in_parts_of_parts_in_forwarded_letters_and_alone() -> None:
    table = part("application/octet-stream", b"x", b'attachment; filename="a.csv"')
    forwarded = b"Content-Type: message/rfc822\r\n\r\n" + HEAD + several(TEXT, table, border="two")
    for body in (several(TEXT, several(table, border="two")), several(TEXT, forwarded), table):
        letter = letter_of(HEAD + body)
        assert letter is not None
        assert (letter.names, letter.content("a.csv")) == (["a.csv"], b"x")


def test_two_attachments_of_one_name_are_two() -> None:
    letter = letter_of(HEAD + several(*(part("text/csv", one, b"attachment; filename=a.csv") for one in (b"x", b"y"))))
    assert letter is not None
    assert {name: letter.content(name) for name in letter.names} == {"a.csv": b"x", "2/a.csv": b"y"}


@fuzzed(200)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_bytes_whatever_they_are_break_a_letter(noise: bytes, place: int) -> None:
    whole = HEAD + several(TEXT, part("text/csv", b"x", b'attachment; filename="a.csv"'))
    if (letter := letter_of(whole[:place] + noise + whole[place:])) is not None:
        assert all(isinstance(letter.content(name), bytes) for name in letter.names)


def test_mailboxes_are_named_as_imap_names_them() -> None:
    assert mailbox_name("INBOX/Отчёты & прочее") == "INBOX/&BB4EQgRHBFEEQgRL- &- &BD8EQAQ+BEcENQQ1-"


def test_letters_of_a_mailbox_that_began_anew_are_read_though_their_numbers_were_seen(zone_of: Zones, tmp_path: Path) -> None:
    zone, validity = zone_of(SOURCE), [1]
    letters = {1: HEAD + several(TEXT, part("text/csv", TABLE.encode(), b"attachment; filename=a.csv"))}
    streams = {"customers": {"files": "*.csv", "mode": "append", "columns": {"id": "Код", "name": "Наименование"}}}
    with mail_and_ftp.imap(letters, validity) as address:
        options = {"path": address, "username": mail_and_ftp.USERNAME, "password": mail_and_ftp.PASSWORD, "streams": streams}
        zone.extract(zone.connect(**options), "customers")
        letters[1] = HEAD + several(TEXT, part("text/csv", TABLE.replace("7", "8").encode(), b"attachment; filename=a.csv"))
        validity[0] = 2
        zone.extract(zone.connect(**options), "customers")
    assert zone.records("customers").keys() == {"7", "8"}
