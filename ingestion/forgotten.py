"""Who was forgotten, as keyed digests in `<path>/state/forgotten.json`, and how their traces are masked in what is read and kept.

Nothing here can be read back: the list holds digests only, so that a person who is still in a system stays forgotten when the system is
read again, and yet stands nowhere. What is masked becomes `forgotten-<letters>`, always the same for the same trace: records of one
number stay together, the amounts of documents stay as they are.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import orjson

from ingestion.durable import private_folder, write_durably
from ingestion.errors import RawZoneError
from ingestion.spec import Record

FILE = "forgotten.json"
MARK = "forgotten-"
_FORMAT = 1
_MOST_KEPT = 200_000
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")  # digits would be taken for a telephone number
_MAIL = re.compile(r"[^\s<>\"'@,;:()\[\]{}|/\\=]+@[^\s<>\"'@,;:()\[\]{}|/\\=]+\.\w+")
_DIGITS = re.compile(r"\d(?:[\s().\-\u00a0]{0,3}\d){6,40}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ESCAPED = re.compile(r"\\[nrtbf]")  # in JSON: their letter would join the word that follows
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST_PREFIX = 5  # digits written together before a national number: 810375; a longer run is an account, not a telephone
_NO_NAMES = frozenset(
    {"ип", "чп", "пбоюл", "индивидуальный", "предприниматель", "самозанятый", "самозанятая", "ооо", "ао", "зао", "оао", "пао", "тоо"}
)
# fields of a card that say what it is and what it belongs to; everything else in words is about the person
_KEPT_FIELD = re.compile(r"^_|(?:key|type|id|_at|version|code|currency|date|time|лицо)$|^вид", re.IGNORECASE)
_KEPT_VALUE = re.compile(r"|-?\d{1,9}(?:[.,]\d+)?|true|false|[A-Z]", re.IGNORECASE)
_BIRTH = re.compile(r"birth|рожден", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a person is found; plain, and therefore never written.

    Attributes:
        phones: as +79161234567.
        emails: addresses.
        tax_ids: digits.
        names: whole names of two words or more.
        cards: (source/stream, key of the record) of the records that are the person.
    """

    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    tax_ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    cards: frozenset[tuple[str, str]] = frozenset()

    @property
    def numbers(self) -> set[str]:
        """Runs of digits that tell: national telephone numbers and tax ids."""
        return {national_digits(phone) for phone in self.phones} | {re.sub(r"\D", "", tax_id) for tax_id in self.tax_ids}

    @property
    def words(self) -> set[str]:
        """Single words of the names."""
        return {word for name in self.names for word in name_words(name) if len(word) > 1}


@dataclass(slots=True)
class Forgotten:
    """The list, and the masking by it.

    Attributes:
        path: of its file.
        salt: the key of the digests.
        numbers: digests of digits, by how many.
        emails: digests of addresses in lower case.
        names: digests of whole names, by how many words.
        words: digests of single words of names.
        cards: digests of `source/stream/key`.
        pending: something that was asked to be forgotten is not forgotten everywhere yet.
    """

    path: Path
    salt: bytes = b""
    numbers: dict[int, set[str]] = field(default_factory=dict)
    emails: set[str] = field(default_factory=set)
    names: dict[int, set[str]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    cards: set[str] = field(default_factory=set)
    pending: bool = False

    def __post_init__(self) -> None:
        self.digest = lru_cache(maxsize=100_000)(self._digest)  # words and dates repeat in records

    digest: Any = field(init=False, repr=False, compare=False, default=None)
    _clean: set[str] = field(init=False, repr=False, compare=False, default_factory=set)

    @classmethod
    def read(cls, state: Path) -> Self | None:
        """The list of a company; None where nobody was forgotten.

        Raises:
            RawZoneError: it is damaged, or was written by a newer version.
        """
        path = state / FILE
        try:
            kept = orjson.loads(path.read_bytes())
            if kept["format"] > _FORMAT:
                message = f"{path}: the list of forgotten persons was written by a newer skvoz; install that version again."
                raise RawZoneError(message)
            return cls(
                path,
                bytes.fromhex(kept["salt"]),
                {int(length): set(digests) for length, digests in kept["numbers"].items()},
                set(kept["emails"]),
                {int(length): set(digests) for length, digests in kept["names"].items()},
                set(kept["words"]),
                set(kept["cards"]),
                bool(kept["pending"]),
            )
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError):
            message = f"{path}: the list of forgotten persons is damaged; restore this file from a backup, or they would come back."
            raise RawZoneError(message) from None

    @classmethod
    def of(cls, state: Path) -> Self:
        """The list of a company, a new one where there is none."""
        return cls.read(state) or cls(private_folder(state) / FILE, secrets.token_bytes(16))

    def learn(self, traces: Traces) -> None:
        """Add a person."""
        for number in traces.numbers:
            self.numbers.setdefault(len(number), set()).add(self.digest(number))
        self.emails |= {self.digest(address.strip().lower()) for address in traces.emails}
        for name in traces.names:
            words = name_words(name)
            if len(words) > 1:
                self.names.setdefault(len(words), set()).add(self.digest(" ".join(words)))
        self.words |= {self.digest(word) for word in traces.words}
        self._clean.clear()
        self.cards |= {self.digest(f"{place}/{key}") for place, key in traces.cards}

    def save(self) -> None:
        """Write the list durably."""
        kept = {
            "format": _FORMAT,
            "salt": self.salt.hex(),
            "numbers": {str(length): sorted(digests) for length, digests in self.numbers.items()},
            "emails": sorted(self.emails),
            "names": {str(length): sorted(digests) for length, digests in self.names.items()},
            "words": sorted(self.words),
            "cards": sorted(self.cards),
            "pending": self.pending,
        }
        write_durably(self.path, orjson.dumps(kept, option=orjson.OPT_INDENT_2))

    def _digest(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=self.salt, digest_size=16).hexdigest()

    def masked(self, records: Sequence[Record], place: str) -> list[Record]:
        """Records of a stream (source/stream) as they may be kept."""
        return [self._record(record, place) for record in records]

    def _record(self, record: Record, place: str) -> Record:
        payload = self.payload(place, record.key, record.payload)
        key = self.text(record.key)
        if payload is record.payload and key == record.key:
            return record
        return replace(record, key=key, payload=payload)

    def payload(self, place: str, key: str, payload: dict[str, Any] | None) -> dict[str, Any] | None:
        """The content of a record as it may be kept; the same object if there is nothing to mask.

        A card of a forgotten person is kept without what is about them, any other record without their traces.
        """
        if payload is None:
            return None
        card = self.digest(f"{place}/{key}")
        if card in self.cards:
            blank: dict[str, Any] = self._blank(payload, self._mark(card))
            return blank
        if not self._may_tell(orjson.dumps(payload).decode()):
            return payload
        masked: dict[str, Any] = self.value(payload)
        # a record that tells by a number or an address tells the name as well, perhaps in two fields
        return masked if masked is payload else self.value(masked, words=True)

    def _may_tell(self, text: str) -> bool:
        """Whether something in a JSON text has to be looked at closely; most records have nothing, and this costs a fifth of it."""
        if self.emails and "@" in text and any(self.digest(address.rstrip(".").lower()) in self.emails for address in _MAIL.findall(text)):
            return True
        if self.numbers and _DIGITS.sub(self._mask_digits, text) != text:
            return True
        return bool(self.words) and self._tells_a_name(_plain(_ESCAPED.sub(" ", text)))

    def value(self, thing: Any, *, words: bool = False) -> Any:
        """Anything of JSON with every trace masked; the same object if there is none."""
        if isinstance(thing, str):
            return self.text(thing, words=words)
        if isinstance(thing, dict):
            changed = {name: new for name, old in thing.items() if (new := self.value(old, words=words)) is not old}
            return {**thing, **changed} if changed else thing
        if isinstance(thing, list):
            new_list = [self.value(old, words=words) for old in thing]
            return thing if all(new is old for new, old in zip(new_list, thing, strict=True)) else new_list
        if isinstance(thing, int) and not isinstance(thing, bool) and thing >= 10**6:
            return None if self.text(str(thing)) != str(thing) else thing
        return thing

    def text(self, text: str, *, words: bool = False) -> str:
        """A text with every trace masked; the same object if there is none."""
        if len(text) < 2 or _GUID.fullmatch(text) or _MOMENT.fullmatch(text):
            return text
        masked = text
        if self.emails and "@" in masked:
            masked = _MAIL.sub(self._mask_mail, masked)
        if self.numbers:
            masked = _DIGITS.sub(self._mask_digits, masked)
        if self.words:
            masked = self._mask_names(masked, single=words)
        return text if masked == text else masked

    def _mask_mail(self, found: re.Match[str]) -> str:
        digest = self.digest(found[0].rstrip(".").lower())
        return self._mark(digest) if digest in self.emails else found[0]

    def _mask_digits(self, found: re.Match[str]) -> str:
        run = found[0]
        places = [place for place, letter in enumerate(run) if letter.isdigit()]
        digits = "".join(run[place] for place in places)
        for length in sorted(self.numbers, reverse=True):
            for first in range(len(digits) - length + 1):
                digest = self.digest(digits[first : first + length])
                if digest in self.numbers[length] and _stands_alone(run, places[first], places[first + length - 1]):
                    rest = run[places[first + length - 1] + 1 :]
                    return run[: places[first]] + self._mark(digest) + _DIGITS.sub(self._mask_digits, rest)
        return run

    def _mask_names(self, text: str, *, single: bool) -> str:
        if not self._tells_a_name(_plain(text)):
            return text
        found = [(match.start(), match.end(), _plain(match[0])) for match in _WORD.finditer(text)]
        known = [self.digest(word) in self.words for _, _, word in found]
        spans: list[tuple[int, int, str]] = []
        place = 0
        while place < len(found):
            taken = 1
            if known[place]:
                for length in sorted(self.names, reverse=True):
                    digest = self.digest(" ".join(word for _, _, word in found[place : place + length]))
                    if digest in self.names[length]:
                        spans.append((found[place][0], found[place + length - 1][1], digest))
                        taken = length
                        break
                else:
                    if single:
                        spans.append((found[place][0], found[place][1], self.digest(found[place][2])))
            place += taken
        for start, end, digest in reversed(spans):
            text = text[:start] + self._mark(digest) + text[end:]
        return text

    def _tells_a_name(self, folded: str) -> bool:
        """Whether one of the words is of a name; words that are of none are kept, for most are met again and again."""
        if len(self._clean) > _MOST_KEPT:
            self._clean.clear()
        for word in set(_WORD.findall(folded)).difference(self._clean):
            if self._digest(word) in self.words:
                return True
            self._clean.add(word)
        return False

    def _blank(self, thing: Any, mark: str, name: str = "") -> Any:
        if isinstance(thing, dict):
            return {key: value if key == "_links" else self._blank(value, mark, key) for key, value in thing.items()}
        if isinstance(thing, list):
            return [self._blank(value, mark, name) for value in thing]
        if thing is not None and _BIRTH.search(name):
            return None
        if isinstance(thing, str):
            shown = self.text(thing, words=True)
            kept = _KEPT_FIELD.search(name) or _KEPT_VALUE.fullmatch(thing) or _MOMENT.fullmatch(thing) or _GUID.fullmatch(thing)
            return shown if kept or MARK in shown else mark
        return self.value(thing)

    def _mark(self, digest: str) -> str:
        return MARK + digest[:8].translate(_LETTERS)


def name_words(name: str) -> list[str]:
    """The words of a name in small letters, without those that only say that somebody trades under it."""
    return [word for match in _WORD.finditer(name) if (word := _plain(match[0])) not in _NO_NAMES]


def national_digits(phone: str) -> str:
    """The digits of a number like +79161234567 that stand in every way of writing it: without country code and trunk prefix."""
    import phonenumbers  # 0.1 s that no reading without forgotten persons needs

    try:
        return str(phonenumbers.parse(phone).national_number)
    except phonenumbers.NumberParseException:
        return re.sub(r"\D", "", phone)


def _stands_alone(run: str, first: int, last: int) -> bool:
    """Whether digits end where their run without a break ends, and begin it but for a country code or a trunk prefix."""
    before = re.search(r"\d*$", run[:first])
    return not run[last + 1 : last + 2].isdigit() and len(before[0] if before else "") <= _LONGEST_PREFIX


def _plain(word: str) -> str:
    return word.casefold().replace("ё", "е")
