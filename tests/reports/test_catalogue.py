"""The catalogue: found by itself, loud when a module is broken."""

import sys
from pathlib import Path

import pytest

from reports.catalogue import all_reports, find_report
from reports.errors import CatalogError

GOOD = "from reports.figures.revenue import HEADLINE, REVENUE_DAY\nfrom reports.spec import Report\n"
CASES = {
    "broken": ("import nothing_of_this_name\n", r"catalog_of_\w+\.broken cannot be imported: No module named"),
    "bare": ("VALUE = 1\n", r"catalog_of_\w+\.bare has no REPORT"),
    "renamed": (
        GOOD + "REPORT = Report('other', 'day', HEADLINE, (REVENUE_DAY,), '', frozenset())\n",
        r"renamed declares the name 'other'",
    ),
    "doubled": (
        GOOD + "REPORT = Report('doubled', 'day', HEADLINE, (REVENUE_DAY, REVENUE_DAY), '', frozenset())\n",
        r"doubled cannot be imported: The report doubled has two blocks of one name",
    ),
}


def test_the_directors_report_is_there_and_an_unknown_one_is_told() -> None:
    assert all_reports()["director_daily"].period == "day"
    with pytest.raises(CatalogError, match=r"There is no report 'weekly_dreams'; there are: .*director_daily"):
        find_report("weekly_dreams")


@pytest.mark.parametrize("name", CASES)
def test_a_broken_module_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, told = CASES[name]
    package = f"catalog_of_{name}_test"
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").touch()
    (tmp_path / package / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        with pytest.raises(CatalogError, match=told):
            all_reports(package)
    finally:
        for module in [module for module in sys.modules if module.startswith(package)]:
            del sys.modules[module]
