"""Visible words: words/<locale>.toml, addressed by dotted keys, with plural forms and named places."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale

from reports.errors import WordsError

WORDS = Path(__file__).parent / "words"
LOCALES = ("ru", "en", "ro", "pl")


def _flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            flat.update(_flatten(value, f"{key}."))
        else:
            flat[key] = str(value)
    return flat


class Words:
    """The words of one language."""

    def __init__(
        self,
        locale: str,
        words: Mapping[str, str],
        known: Mapping[str, str] | None = None,
        sources: Mapping[str, str] | None = None,
    ) -> None:
        """Takes ready words; use `load_words` to read a language.

        Args:
            locale: the language.
            words: its words by dotted key.
            known: what fills places that a word names and its caller does not.
            sources: what people call the sources of skvoz.toml.
        """
        self.locale = locale
        self._words = words
        self._known = known or {}
        self._sources = sources or {}
        self._plural = Locale.parse(locale).plural_form

    def __contains__(self, key: str) -> bool:
        """Whether the language has the word."""
        return key in self._words

    def knowing(self, places: Mapping[str, str]) -> "Words":
        """The same words, which fill these places by themselves."""
        return Words(self.locale, self._words, places, self._sources)

    def calling(self, sources: Mapping[str, str]) -> "Words":
        """The same words, which call these sources so."""
        return Words(self.locale, self._words, self._known, sources)

    def source(self, name: str) -> str:
        """What people call a source: as [sources.<name>] is called, where nothing else is known of it."""
        return self._sources.get(name, name)

    @property
    def calls_sources(self) -> bool:
        """Whether any source is called otherwise than in skvoz.toml."""
        return bool(self._sources)

    def text(self, key: str, /, **places: object) -> str:
        """The word at a dotted key, with its named places filled.

        Raises:
            WordsError: if the language lacks the key or the word needs another place.
        """
        try:
            return self._words[key].format(**{**self._known, **places}) if places or self._known else self._words[key]
        except KeyError as error:
            msg = f"The word {key!r} in reports/words/{self.locale}.toml is missing or needs the place {error}."
            raise WordsError(msg) from error

    def count(self, key: str, number: int, /, shown: str | None = None, **places: object) -> str:
        """The plural form at `key` for a whole number; `shown` is the number as formatted."""
        form = self._plural(abs(number))
        name = f"{key}.{form}" if f"{key}.{form}" in self._words else f"{key}.other"
        return self.text(name, n=number if shown is None else shown, **places)

    def choice(self, key: str, value: object) -> str:
        """The word for a value of the data (a channel, a bucket, a source system), the value itself when there is none."""
        if value is None:
            return self.text(f"{key}.none")
        name = f"{key}.{value}"
        return self.text(name) if name in self._words else str(value)


@cache
def word_table(locale: str) -> Mapping[str, str]:
    """All words of a language by dotted key.

    Raises:
        WordsError: if the language is not one of ours or its file is broken.
    """
    if locale not in LOCALES:
        msg = f"The locale {locale!r} is not one of {', '.join(LOCALES)}."
        raise WordsError(msg)
    try:
        return _flatten(tomllib.loads((WORDS / f"{locale}.toml").read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        msg = f"reports/words/{locale}.toml is not valid TOML: {error}."
        raise WordsError(msg) from error


def load_words(locale: str) -> Words:
    """The words of a language."""
    return Words(locale, word_table(locale))
