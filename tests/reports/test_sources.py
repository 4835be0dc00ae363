"""Sources are called as people call them, wherever readers meet them."""

from typing import Any

import pytest

from reports.retold import retold
from reports.sources import source_names
from reports.wording import load_words


class Told:
    """A publication that holds only these sources."""

    def __init__(self, *sources: tuple[str, str | None, str | None]) -> None:
        self.sources = [dict(zip(("source", "source_type", "source_title"), row, strict=True)) for row in sources]


def names(locale: str, *sources: tuple[str, str | None, str | None]) -> Any:
    told: Any = Told(*sources)
    return source_names(told, load_words(locale))


@pytest.mark.parametrize(("locale", "system"), [("ru", "Битрикс24"), ("en", "Bitrix24")])
def test_a_source_is_called_by_its_title_or_by_its_system_in_the_reader_s_language(locale: str, system: str) -> None:
    assert names(locale, ("books", "1c_odata", "Бухгалтерия"), ("portal", "bitrix24", None)) == {"books": "Бухгалтерия", "portal": system}


def test_two_of_one_system_keep_their_own_names_beside_it() -> None:
    found = names("en", ("north", "amocrm", None), ("south", "amocrm", None), ("west", "amocrm", "Kommo"))
    assert found == {"north": "amoCRM (north)", "south": "amoCRM (south)", "west": "Kommo"}


def test_a_source_of_no_known_system_keeps_its_own_name() -> None:
    words = load_words("en").calling(names("en", ("plans", "spreadsheet", None), ("gone", None, None)))
    assert [words.source(name) for name in ("plans", "gone", "never")] == ["plans", "gone", "never"]


@pytest.mark.parametrize("locale", ["ru", "en", "pl"])
def test_sentences_of_the_checks_call_it_so_in_every_language(locale: str) -> None:
    places = {"month": "2026-03-01", "ours": "10.00", "theirs": "12.00"}
    told = load_words("ru").text("issue.control_revenue", source="books", **places)
    words = load_words(locale).calling({"books": "1C"})
    assert retold(words, told) == words.text("issue.control_revenue", source="1C", **places)
