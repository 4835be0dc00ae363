"""Definitions say the thresholds that a publication was built with."""

from dataclasses import fields
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
import yaml

from reports.context import Context
from reports.figures.cells_abc import Asked, matrix
from reports.figures.class_moves import Asked as MovesAsked
from reports.formatting import Formatter
from reports.periods import period_of
from reports.published import Published
from reports.thresholds import Thresholds, in_words
from reports.wording import LOCALES, load_words, word_table
from tests.dashboards.full_fixture import build_full

ROOT = Path(__file__).parents[2]
OWN = {"lifecycle_sleeping_days": 45, "lifecycle_lost_days": 121, "abc_share_a": 0.7, "xyz_variation_x": 0.125, "abc_window_months": 6}


@pytest.fixture
def own(tmp_path: Path) -> Context:
    path = build_full(tmp_path)
    with duckdb.connect(str(path)) as connection:
        for name, value in OWN.items():
            connection.execute(f"alter table marts.publication add column {name} {'integer' if isinstance(value, int) else 'double'}")
            connection.execute(f"update marts.publication set {name} = ?", [value])
    return Context.make(Published(path), period_of("month", date(2026, 3, 31)), "ru")


def test_what_an_older_publication_lacks_is_what_the_project_says() -> None:
    project = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    assert {field.name: project[field.name] for field in fields(Thresholds)} == {
        field.name: getattr(Thresholds(), field.name) for field in fields(Thresholds)
    }


def test_the_mart_tells_every_threshold() -> None:
    models = yaml.safe_load((ROOT / "dbt_project/models/marts/master/_master__models.yml").read_text(encoding="utf-8"))["models"]
    columns = {column["name"] for model in models if model["name"] == "publication" for column in model["columns"]}
    assert {field.name for field in fields(Thresholds)} <= columns


def test_a_definition_says_the_companys_own_thresholds(own: Context) -> None:
    assert own.words.text("define.lifecycle_sleeping") == "Последняя покупка больше 45 дней и не больше 121 дня назад."
    *_, window, _ = matrix(Asked(), own)
    assert "границы 70/95 и 12,5/25 %" in str(window)
    *_, window, _ = matrix(Asked(borders=(60, 90, 20, 40)), own)
    assert "границы 60/90 и 20/40 %" in str(window)
    own.published.close()


def test_classes_move_between_windows_as_long_as_the_marts(own: Context) -> None:
    asked = MovesAsked(since=3).values(own)
    assert (asked["from_date"], asked["before_from_date"]) == (date(2025, 9, 1), date(2025, 6, 1))
    own.published.close()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_place_that_thresholds_fill_is_in_some_word(locale: str) -> None:
    words = load_words(locale)
    places = in_words(Thresholds(), words, Formatter(locale, "RUB", ZoneInfo("Europe/Moscow")))
    told = "\n".join(word_table(locale).values())
    assert [name for name in places if f"{{{name}}}" not in told] == []
