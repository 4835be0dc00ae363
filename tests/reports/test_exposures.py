"""Every report and page is an exposure of the dbt project, and says exactly which marts it reads."""

import ast
import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.navigation import ADDRESSES
from reports.catalogue import all_reports
from reports.questions import load_question

MODELS = Path(__file__).parents[2] / "dbt_project" / "models"
PAGES = {name: importlib.import_module(f"dashboards.app_pages.{name}") for name in ADDRESSES}
ALWAYS = frozenset({"publication", "data_freshness"})


def exposures() -> dict[str, dict[str, Any]]:
    listed = yaml.safe_load((MODELS / "_exposures.yml").read_text(encoding="utf-8"))["exposures"]
    return {exposure["name"]: exposure for exposure in listed}


def depends_on(exposure: dict[str, Any]) -> list[str]:
    found = [re.fullmatch(r"ref\((.*)\)", reference) for reference in exposure["depends_on"]]
    assert None not in found
    return [str(ast.literal_eval(reference[1])) for reference in found if reference]


def read() -> dict[str, frozenset[str]]:
    """The marts that each report and page reads through its blocks' questions."""
    pages = {
        name: ALWAYS.union(
            *(block.tables for block in page.BLOCKS), *(load_question(question).tables for question in getattr(page, "LOOKUPS", ()))
        )
        for name, page in PAGES.items()
    }
    return {**{report.name: report.tables for report in all_reports().values()}, **pages}


@pytest.mark.parametrize("name", sorted(read()))
def test_an_exposure_depends_on_exactly_what_is_read(name: str) -> None:
    exposure = exposures()[name]
    assert depends_on(exposure) == sorted(read()[name])
    assert exposure["type"] == ("dashboard" if name in PAGES else "application")
    assert exposure["description"].strip()


def test_no_exposure_is_left_of_what_is_gone() -> None:
    assert exposures().keys() == read().keys()
