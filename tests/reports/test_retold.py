"""Sentences of the warehouse in the reader's language."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import reports
from reports import alerts
from reports.alerts_rules import RULES, Finding
from reports.context import Context
from reports.figures.disagreements import Asked, disagreement_blocks
from reports.figures.mismatches import LARGEST
from reports.formatting import Formatter
from reports.periods import last_complete
from reports.published import Published
from reports.retold import LANGUAGES, retold
from reports.wording import LOCALES, load_words, word_table

MACRO = Path(reports.__file__).parents[1] / "dbt_project" / "macros" / "reconciliation.sql"
TOLD = re.findall(r"'(\w+)': \{\s*'ru': '([^']*)',\s*'en': '([^']*)'", MACRO.read_text(encoding="utf-8"))
DAYS, CODES = {"date", "due", "paid_date", "month"}, {"currency", "order_currency"}
NUMBERS = {"days", "hours", "amount", "deal_amount", "order_amount", "paid", "shipped", "ours", "theirs"}


def value(place: str) -> str:
    if place in DAYS:
        return "2026-03-31"
    if place in CODES:
        return "RUB"
    return "12" if place in NUMBERS else f"№ 7, {place} «а», {{b}} на 5"


def test_the_warehouse_and_the_words_say_the_same() -> None:
    """A text that differs is not known again, and its readers get the company's language."""
    for place, language in enumerate(LANGUAGES, 1):
        issues = {key.removeprefix("issue."): text for key, text in word_table(language).items() if key.startswith("issue.")}
        assert issues == {told[0]: told[place] for told in TOLD}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", [name for name, _, _ in TOLD if not name.startswith(("kind_", "evidence_"))])
def test_every_sentence_is_told_in_the_language_of_its_reader(name: str, locale: str) -> None:
    words = load_words(locale)
    for language in LANGUAGES:
        sent = load_words(language)
        places = {place: value(place) for place in re.findall(r"{(\w+)}", sent.text(f"issue.{name}"))}
        theirs = places | {"kind": sent.text("issue.kind_deal"), "evidence": evidence(language)}
        ours = places | {"kind": words.text("issue.kind_deal"), "evidence": evidence(locale)}
        assert retold(words, sent.text(f"issue.{name}", **theirs)) == words.text(f"issue.{name}", **ours)


def evidence(locale: str) -> str:
    words = load_words(locale)
    return ", ".join((words.text("issue.evidence_name"), words.text("issue.evidence_phone", value="+74950000000")))


@pytest.mark.parametrize(
    "sentence", ["", "Сделку никто не трогал месяц.", "Deal “x” was won on Tuesday for 12 RUB, but the books hold no order for it."]
)
def test_what_is_no_sentence_of_ours_stays_as_it_is(sentence: str) -> None:
    assert retold(load_words("pl"), sentence) == sentence
    assert retold(load_words("pl"), None) == ""


def test_pages_mails_and_alerts_tell_in_the_language_of_their_reader(complete_published: Published) -> None:
    """The warehouse of this company speaks Russian."""
    period = last_complete("day", complete_published.publication.as_of_date)
    context = Context.make(complete_published, period, "pl")
    for block in (disagreement_blocks(Asked())[1], LARGEST):
        assert re.search(r"Zamówienie \S+ z .* nie należy do żadnej transakcji w CRM", str(block.build(context)))
    finding = Finding(
        "k",
        {
            "label": ("text", "Ромашка"),
            "value": ("money", 5),
            "details": ("text", "Сделка «А» выиграна 2026-03-31 на 5.00 RUB, а заказа по ней в учёте нет."),
        },
    )
    line = alerts._line(RULES["conflict"], finding, load_words("en"), Formatter("en", "RUB", ZoneInfo("Europe/Moscow")), "company")
    assert "Deal “А” was won on" in line
