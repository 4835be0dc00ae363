"""Sentences of the warehouse in the reader's language.

marts.reconciliation.details is written once, in the company's language (var details_language of the dbt project, whose macro
reconciliation_sentence holds the same texts as words/ru.toml and words/en.toml under `issue`). A sentence that is one of these is taken
apart and told from the reader's words, its sources as people call them; any other, of a check of the company's own, stays as it is.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from reports.wording import Words, word_table

LANGUAGES = ("ru", "en")
_ISSUE, _KIND, _EVIDENCE = "issue.", "kind_", "evidence_"
_DAY, _AMOUNT, _COUNT, _CODE = r"\d{4}-\d\d-\d\d|—", r"-?\d+(?:\.\d+)?|—", r"\d+|—", r"[A-Z]{3}|—"
_SHAPES = {
    "date": _DAY, "due": _DAY, "paid_date": _DAY, "month": _DAY, "currency": _CODE, "order_currency": _CODE,
    "days": _COUNT, "hours": _COUNT,
    **dict.fromkeys(("amount", "deal_amount", "order_amount", "paid", "shipped", "ours", "theirs"), _AMOUNT),
}  # fmt: skip
_SOURCES = ("source", "other_source")
_PLACE = re.compile(r"{(\w+)}")
# so many letters tell texts apart before they are tried one by one
_BEGINNING = 3


def retold(words: Words, sentence: str | None) -> str:
    """The sentence in the language of the words, where it is one of ours; else as it is."""
    for language in LANGUAGES:
        if sentence and (language != words.locale or words.calls_sources):
            texts = _texts(language)
            for name, pattern in (*texts.get(sentence[:_BEGINNING], ()), *texts.get("", ())):
                match = pattern.fullmatch(sentence)
                if match is not None:
                    return words.text(_ISSUE + name, **_values(words, language, match.groupdict()))
    return sentence or ""


def _values(words: Words, language: str, told: Mapping[str, str]) -> dict[str, str]:
    values = {name: words.source(value) if name in _SOURCES else value for name, value in told.items()}
    if "kind" in values:
        values["kind"] = _part(words, language, _KIND, values["kind"])
    if "evidence" in values:
        values["evidence"] = ", ".join(_part(words, language, _EVIDENCE, one) for one in values["evidence"].split(", "))
    return values


def _part(words: Words, language: str, family: str, text: str) -> str:
    for name, pattern in _parts(language, family):
        match = pattern.fullmatch(text)
        if match is not None:
            return words.text(_ISSUE + name, **match.groupdict())
    return text


def _patterns(language: str) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    """Name, text and pattern of every sentence of a language."""
    for key, text in word_table(language).items():
        if key.startswith(_ISSUE):
            pieces = _PLACE.split(text)
            # names stand at odd places
            shaped = "".join(
                f"(?P<{piece}>{_SHAPES.get(piece, '.*?')})" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)
            )
            yield key.removeprefix(_ISSUE), text, re.compile(shaped, re.DOTALL)


@cache
def _texts(language: str) -> Mapping[str, list[tuple[str, re.Pattern[str]]]]:
    """Whole sentences by how they begin; those that begin with a value under nothing."""
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for name, text, pattern in _patterns(language):
        if not name.startswith((_KIND, _EVIDENCE)):
            beginning = text.partition("{")[0][:_BEGINNING]
            found.setdefault(beginning if len(beginning) == _BEGINNING else "", []).append((name, pattern))
    return found


@cache
def _parts(language: str, family: str) -> list[tuple[str, re.Pattern[str]]]:
    return [(name, pattern) for name, _, pattern in _patterns(language) if name.startswith(family)]
