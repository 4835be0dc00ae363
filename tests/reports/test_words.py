"""Words: the same keys and places in four languages, every plural form, nothing visible outside words/."""

import ast
import importlib
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel import Locale

import dashboards
import reports
from dashboards.frame import LANGUAGE_NAMES
from dashboards.navigation import ADDRESSES
from reports.catalogue import all_reports
from reports.errors import WordsError
from reports.wording import LOCALES, load_words, word_table

REPORTS = Path(reports.__file__).parent
DASHBOARDS = Path(dashboards.__file__).parent
OTHERS = tuple(locale for locale in LOCALES if locale != "ru")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def strings(path: Path) -> Iterator[str]:
    """The string constants of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bodies = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)]
    told = {id(node.body[0].value) for node in bodies if node.body and isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def plain(locale: str) -> dict[str, str]:
    return {key: text for key, text in word_table(locale).items() if not key.startswith("plural.")}


@pytest.mark.parametrize("locale", OTHERS)
def test_every_language_has_the_same_words_with_the_same_places(locale: str) -> None:
    russian, other = plain("ru"), plain(locale)
    assert other.keys() == russian.keys()
    assert {key: places(text) for key, text in other.items()} == {key: places(text) for key, text in russian.items()}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_plural_form_of_the_language_is_there(locale: str) -> None:
    forms = set(Locale.parse(locale).plural_form.rules) | {"other"}
    names = {key.rpartition(".")[0] for key in word_table("ru") if key.startswith("plural.")}
    for name in names:
        assert {key.rpartition(".")[2] for key in word_table(locale) if key.startswith(f"{name}.")} == forms, (locale, name)


@pytest.mark.parametrize("locale", LOCALES)
def test_no_word_is_empty_or_left_in_another_script(locale: str) -> None:
    for key, text in word_table(locale).items():
        assert text.strip(), key
        cyrillic = bool(re.search("[а-яА-Я]", text))
        assert not cyrillic or locale == "ru", (locale, key, text)


@pytest.mark.parametrize(
    ("locale", "number", "expected"),
    [
        ("ru", 1, "1 заявка"), ("ru", 3, "3 заявки"), ("ru", 11, "11 заявок"), ("ru", 21, "21 заявка"),
        ("en", 1, "1 lead"), ("en", 0, "0 leads"),
        ("ro", 1, "1 solicitare"), ("ro", 19, "19 solicitări"), ("ro", 20, "20 de solicitări"),
        ("pl", 1, "1 zapytanie"), ("pl", 3, "3 zapytania"), ("pl", 5, "5 zapytań"), ("pl", 22, "22 zapytania"),
    ],
)  # fmt: skip
def test_plurals_follow_the_language(locale: str, number: int, expected: str) -> None:
    assert load_words(locale).count("plural.leads", number) == expected


def test_every_report_and_block_has_its_words() -> None:
    words = load_words("ru")
    reports = all_reports().values()
    blocks = [block for report in reports for block in (report.headline, *report.blocks)]
    blocks += [block for name in ADDRESSES for block in importlib.import_module(f"dashboards.app_pages.{name}").BLOCKS]
    wanted = {f"report.{report.name}" for report in reports} | {f"nav.{name}" for name in ADDRESSES}
    wanted |= {f"{kind}.{block.name}" for kind in ("section", "empty") for block in blocks}
    missing = {f"missing.{mart}" for block in blocks for mart in block.needs}
    assert {word for word in wanted | missing if word not in words} == set()
    assert missing == {word for word in word_table("ru") if word.startswith("missing.")}


def test_every_key_that_code_names_exists_and_every_word_is_used() -> None:
    sources = [
        path.read_text(encoding="utf-8") for folder in (REPORTS, DASHBOARDS) for path in (*folder.rglob("*.py"), *folder.rglob("*.j2"))
    ]
    code = "\n".join(sources)
    named = set(re.findall(r"words\.text\(\s*\"([a-z_]+\.[a-z0-9_]+)\"", code))
    table = word_table("ru")
    assert named <= table.keys(), named - table.keys()
    dynamic: tuple[str, ...] = (
        "section.",
        "empty.",
        "missing.",
        "report.",
        "bucket.",
        "channel.",
        "direction.",
        "weekday.",
        "plural.",
        "chart.",
        "compare.",
    )
    dynamic += ("model.", "metric.", "headline.", "figure.customers_", "define.customers_", "figure.mismatches_")
    # chosen by a value of the data, a filter or an address
    dynamic += ("nav.", "about.", "list.", "lifecycle.", "define.lifecycle_", "rfm.", "match.", "call.", "claim.", "customer_type.")
    dynamic += ("delivery.", "job.", "run.", "test.", "role.", "scope.", "stretch.", "versus.", "move.", "order_status.")
    dynamic += ("payment_stage.", "payment_state.", "payment_method.", "source_type.")
    dynamic += ("deal_status.", "subject.", "measure.", "severity.", "gravity.", "check.", "issue.", "table.", "title.hours_")
    dynamic += ("figure.base_", "figure.card_", "define.card_")
    dynamic += ("claim_status.", "late_step.", "order_channel.", "order_field.", "order_state.")
    dynamic += ("figure.late_", "define.late_", "figure.order_", "define.order_", "figure.orders_", "define.orders_", "figure.days_to_")
    unused = {key for key in table if not key.startswith(dynamic) and f'"{key}"' not in code}
    # a page's table shows `define.<column>` over the heading of that column
    unused = {key for key in unused if not (key.startswith("define.") and f'"{key.removeprefix("define.")}"' in code)}
    assert not unused


def test_an_unknown_key_or_language_is_told() -> None:
    with pytest.raises(WordsError, match=r"no\.such"):
        load_words("ru").text("no.such")
    with pytest.raises(WordsError, match="'de' is not one of ru, en, ro, pl"):
        load_words("de")


def test_nothing_visible_stands_outside_words() -> None:
    for folder in (REPORTS, DASHBOARDS):
        for path in folder.rglob("*.py"):
            for text in strings(path):
                # a language's own name is the same in every language
                assert text in LANGUAGE_NAMES.values() or not re.search("[а-яА-ЯёЁ]{2}", text), (path, text)
        for path in folder.rglob("*.html.j2"):
            text = path.read_text(encoding="utf-8")
            text = re.sub(r"<style.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL)
            text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", text, flags=re.DOTALL)
            text = re.sub(r"<[^>]*>|&\w+;", " ", text)
            assert not re.search(r"\w{2}", text), (path, re.findall(r"\w{2,}", text))
