"""Reads a 1CClientBankExchange file, versions 1.01 to 1.03: sections of `Key=Value` lines in cp1251, cp866 or UTF-8.

The declared encoding lies at times, blank lines stand anywhere, a value may hold `=`. A payment has no id: it is told by both accounts, its
date, number and amount, and the payments of one file that are alike in all of them by their order.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from ingestion.formats.damage import DamagedFileError
from ingestion.formats.encodings import text_encoding
from ingestion.formats.files import Part, natural
from ingestion.formats.spool import Bad, Found, Reading
from ingestion.spec import JsonObject, Record

FIRST_LINE = "1CClientBankExchange"
_DOCUMENT, _ACCOUNT = "СекцияДокумент=", "СекцияРасчСчет"
_END = "КонецФайла"
_DOCUMENT_MARK, _ACCOUNT_MARK = "\n" + _DOCUMENT, "\n" + _ACCOUNT
_PLAIN_START = len("Документа")
_CHUNK = 256 * 1024  # larger is no faster, and each is held some ten times over as text and its parts
_LONGEST_SECTION = 1024**2  # characters: a section has some 60 short lines
_ENCODINGS = {"windows": "cp1251", "dos": "cp866", "utf-8": "utf-8", "utf8": "utf-8", "unicode": "utf-16"}
_CURRENCIES = {"810": "RUB", "643": "RUB", "840": "USD", "978": "EUR", "156": "CNY", "398": "KZT", "933": "BYN", "826": "GBP"}
_NAME_PREFIX = re.compile(r"^\s*ИНН(?:\s*(?:\d{10,12}|0+)\s+|\s+(?=\D))")
_PURPOSE = "НазначениеПлатежа"
_PURPOSES = tuple(f"{_PURPOSE}{number}" for number in range(1, 7))
_LONGEST_PLAIN = 16  # characters of an amount that needs no look: 12 digits, a point, kopecks
_ISO = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_FORMED = re.compile(r"^ДатаСоздания=(\d\d)\.(\d\d)\.(\d{4})\s*$(?:[^=]*^ВремяСоздания=([\d:]{5,8}))?", re.MULTILINE)
_DECLARED = re.compile("^Кодировка=(.*)$".encode("cp1251") + b"|" + "^Кодировка=(.*)$".encode("cp866"), re.MULTILINE)


class Statements:
    """The format, for one company.

    Args:
        own_accounts: account numbers that are the company's own, beside those the files themselves call so.
        encoding: of the files, where it cannot be told.
    """

    version = 2
    suffixes = frozenset({".txt", ".1c", ".kl", ".zip"})

    def __init__(self, own_accounts: Collection[str] = (), encoding: str | None = None) -> None:
        self._own = frozenset(own_accounts)
        self._encoding = encoding

    def formed(self, head: bytes) -> str:
        """When the bank made the file."""
        found = _FORMED.search(head.decode(self._coding(head), "replace").replace("\r", ""))
        return f"{found[3]}-{found[2]}-{found[1]}T{found[4] or '00:00:00'}" if found else ""

    def order(self, name: str) -> object:
        """Statements of one moment in the order of their names."""
        return natural(name)

    def read(self, part: Part) -> Iterator[Reading]:
        """Payments (stream documents) and balances (stream balances)."""
        if not part.head.strip():
            raise DamagedFileError(part.where, "the file is empty")
        coding = self._coding(part.head)
        if not part.head.decode(coding, "replace").lstrip("\ufeff \r\n").startswith(FIRST_LINE):
            cause = f"this is no statement in 1C's format: it does not begin with {FIRST_LINE}"
            where = f"{part.where}, line 1"
            raise DamagedFileError(where, cause)
        return _File(part, coding, self._own).things()

    def _coding(self, head: bytes) -> str:
        if self._encoding is not None:
            return self._encoding
        found = _DECLARED.search(head)
        declared = (found[1] or found[2] or b"").decode("ascii", "replace").strip().lower() if found else ""
        return text_encoding(head, _ENCODINGS.get(declared))


class _File:
    """One file being read: the accounts called own so far, and the payments met."""

    def __init__(self, part: Part, coding: str, own: Collection[str]) -> None:
        self._part = part
        self._coding = coding
        self._own = set(own)
        self._met: dict[int, int] = {}
        self._lines = 1

    def things(self) -> Iterator[Reading]:
        """Sections as they end."""
        rest = ""
        for text in self._texts():
            sections = (rest + text).split("\nКонец")
            rest = sections.pop()
            for section in sections:
                self._lines += section.count("\n")
                yield from self._section(section)
            if len(rest) > _LONGEST_SECTION:
                cause = f"a section is longer than {_LONGEST_SECTION // 1024} KB and has no end"
                raise self._broken(cause)
        if not rest.startswith("Файла") and _END not in rest:
            self._lines += rest.count("\n")
            cause = f"the file breaks off: there is no {_END}"
            raise self._broken(cause)

    def _texts(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._coding)("strict")
        while True:
            data = self._part.stream.read(_CHUNK)
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                cause = f"byte {data[error.start : error.start + 1].hex()} is no character of {self._coding}"
                raise self._broken(cause) from None
            yield text.replace("\r", "")
            if not data:
                return

    def _section(self, section: str) -> Iterator[Reading]:
        """What stands between the end of the last section and the end of this one, which `Конец…` of the next text names."""
        start = section.find(_DOCUMENT_MARK)
        if start < 0:
            start = section.rfind(_ACCOUNT_MARK)
            self._header(section[:start] if start >= 0 else section)
            if start >= 0:
                yield self._balance(_fields(section[start + 1 :]))
            return
        if start > _PLAIN_START:  # more than the word that ends the section before
            self._header(section[:start])
        last = section.rfind(_DOCUMENT_MARK)
        if last != start or (start > _PLAIN_START and _ACCOUNT_MARK in section[:start]):
            cut = {"text": section[:last][-4000:]}
            yield Bad("documents", cut, f"{self._part.where}, line {self._lines}: a section without its end")
        yield self._payment(_fields(section[last + 1 :]))

    def _header(self, text: str) -> None:
        for line in text.split("\n"):
            if line.startswith("РасчСчет=") and (account := line.partition("=")[2].strip()):
                self._own.add(account)

    def _balance(self, fields: JsonObject) -> Reading:
        account = fields.get("РасчСчет", "").strip()
        first = iso_date(fields.get("ДатаНачала", ""))
        last = iso_date(fields.get("ДатаКонца", "")) or first
        if not account or first is None:
            return Bad("balances", fields, f"{self._part.where}, line {self._lines}: a balance without account or date")
        self._own.add(account)
        fields.pop(_ACCOUNT, None)
        fields |= {
            "_date_from": first,
            "_date_to": last,
            "_currency": currency_of(account),
            "_opening": plain_amount(fields.get("НачальныйОстаток", "")),
            "_closing": plain_amount(fields.get("КонечныйОстаток", "")),
        }
        return Found("balances", Record(f"{account}|{first}|{last}", fields))

    def _payment(self, fields: JsonObject) -> Reading:
        fields["_section"] = fields.pop(_DOCUMENT[:-1])
        day, amount = iso_date(fields.get("Дата", "")), plain_amount(fields.get("Сумма", ""))
        if day is None or amount is None:
            place = f"{self._part.where}, line {self._lines}"
            return Bad("documents", fields, f"{place}: a payment needs Дата and Сумма that can be read")
        payer = _account(fields, "Плательщик")
        payee = _account(fields, "Получатель")
        fields |= self._sides(fields, payer, payee)
        fields |= {"_date": day, "_amount": amount, "_purpose": purpose(fields)}
        key = f"{payer}|{payee}|{day}|{fields.get('Номер', '').strip()}|{amount}"
        mark = hash(key)
        times = self._met[mark] = self._met.get(mark, 0) + 1
        return Found("documents", Record(key if times == 1 else f"{key}#{times}", fields))

    def _sides(self, fields: JsonObject, payer: str, payee: str) -> JsonObject:
        """Who is who: direction in, out or internal (None if unknown), the day the bank executed it, the other side."""
        came, left = iso_date(fields.get("ДатаПоступило", "")), iso_date(fields.get("ДатаСписано", ""))
        ours, theirs = payee in self._own, payer in self._own
        direction: str | None
        if ours and theirs:
            direction = "internal"
        elif ours or theirs:
            direction = "in" if ours else "out"
        else:
            direction = "in" if came and not left else "out" if left and not came else None
        other = "Получатель" if direction == "out" else "Плательщик"
        account = payer if direction == "out" else payee
        return {
            "_direction": direction,
            "_executed_on": (left if direction == "out" else came) or came or left,
            "_account": account,
            "_currency": currency_of(account),
            "_counter_account": payee if direction == "out" else payer,
            "_counterparty": _name(fields, other),
            "_tax_id": fields.get(f"{other}ИНН", "").strip(),
            "_kpp": fields.get(f"{other}КПП", "").strip(),
        }

    def _broken(self, cause: str) -> DamagedFileError:
        return DamagedFileError(f"{self._part.where}, line {self._lines}", cause)


def _fields(body: str) -> JsonObject:
    lines = body.replace("\n\n", "\n").split("\n")
    try:
        return dict([line.split("=", 1) for line in lines])  # twice as fast as parting each; a line without = raises
    except ValueError:
        fields: JsonObject = {}
        last = ""
        for line in lines:
            key, told, value = line.partition("=")
            if not told and last.startswith(_PURPOSE):  # a bank that breaks a long purpose into lines
                fields[last] = f"{fields[last]} {line.strip()}".strip()
            elif last := key.strip():
                fields[last] = value
        return fields


def _account(fields: JsonObject, side: str) -> str:
    return str(fields.get(f"{side}Счет", "").strip() or fields.get(f"{side}РасчСчет", "").strip())


def _name(fields: JsonObject, side: str) -> str:
    """The other side's name: `Плательщик1` where it stands, else `Плательщик` without the tax id that banks write before it."""
    return str(fields.get(f"{side}1", "").strip() or _NAME_PREFIX.sub("", fields.get(side, "")).strip())


def purpose(fields: JsonObject) -> str:
    """What the payment is for: the whole text, or its parts 1 to 6 where only they are given; never both."""
    whole = str(fields.get(_PURPOSE, "")).strip()
    if "НазначениеПлатежа1" not in fields:
        return whole
    parts = " ".join([text for name in _PURPOSES if name in fields and (text := str(fields[name]).strip())])
    return whole if len(whole) >= len(parts) else parts


@lru_cache(maxsize=4096)
def iso_date(text: str) -> str | None:
    """31.01.2026 as 2026-01-31; None for what is no day."""
    found = _ISO.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    except ValueError:
        return None


def plain_amount(text: str) -> str | None:
    """1 234,50 as 1234.50; None for what is no amount."""
    if text[-3:-2] == "." and text[:-3].isdecimal() and text[-2:].isdecimal() and text.isascii() and len(text) < _LONGEST_PLAIN:
        return text
    cleaned = text.strip().replace("\u00a0", "").replace(" ", "")
    if "," in cleaned and "." not in cleaned:
        cleaned = cleaned.replace(",", ".")
    elif cleaned.count("-") == 1 and cleaned[-3:-2] == "-":  # kopecks after a hyphen, as payment orders are printed
        cleaned = cleaned.replace("-", ".")
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        return None
    return f"{value:.2f}" if value.is_finite() and abs(value) < Decimal(10) ** 15 else None


def currency_of(account: str) -> str | None:
    """The currency of a Russian account: digits 6 to 8 of twenty."""
    return _CURRENCIES.get(account[5:8]) if len(account) == 20 else None


def settings_of(own_accounts: Collection[str], encoding: str | None) -> dict[str, Any]:
    """What the records depend on beside the files."""
    return {"own_accounts": sorted(own_accounts), "encoding": encoding}
