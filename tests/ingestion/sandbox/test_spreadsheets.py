"""The company's files are as untidy as people's files are, and hold what they should."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ingestion.sandbox import spreadsheets
from ingestion.sandbox.company import Company
from ingestion.sandbox.company_systems import SOURCE_NAMES


@pytest.fixture(scope="module")
def written(small: Company, tmp_path_factory: pytest.TempPathFactory) -> dict[str, spreadsheets.Written]:
    return spreadsheets.write_all(small, tmp_path_factory.mktemp("input"), "ut", SOURCE_NAMES)


def test_costs_are_cp1251_with_a_late_header_commas_and_blanks(written: dict[str, spreadsheets.Written]) -> None:
    data = written["campaign_costs"].path.read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    lines = data.decode("cp1251").splitlines()
    assert lines[3].startswith("Дата;Источник")
    assert any("\u00a0" in line and line.endswith(";нет") for line in lines)
    assert lines[-1].startswith("Итого")
    assert len(lines) == 4 + written["campaign_costs"].good + written["campaign_costs"].bad + 1


def test_plans_are_on_a_sheet_that_1c_saved(written: dict[str, spreadsheets.Written], small: Company) -> None:
    frame = pl.read_excel(written["plans"].path, sheet_name="TDSheet", has_header=False, engine="calamine", infer_schema_length=0)
    header = next(index for index, row in enumerate(frame.iter_rows()) if row[0] == "Месяц")
    assert header > 1
    assert frame.height >= header + 1 + len(small.plans)


def test_matches_name_cards_the_way_the_warehouse_does(written: dict[str, spreadsheets.Written], small: Company) -> None:
    text = written["customer_matches"].path.read_text(encoding="utf-8-sig")
    assert "books;partner:" in text
    assert len(text.splitlines()) == 1 + len(small.matches)


def test_the_yuan_comes_only_from_the_file(written: dict[str, spreadsheets.Written], small: Company) -> None:
    assert ",CNY,10," in written["exchange_rates"].path.read_text(encoding="utf-8")
    assert "CNY" not in {one.currency for one in small.rates}


def test_roubles_are_written_as_1c_prints_them() -> None:
    from decimal import Decimal

    assert spreadsheets.russian(Decimal("1234567.5")) == "1\u00a0234\u00a0567,50"


def test_the_same_company_writes_the_same_files(written: dict[str, spreadsheets.Written], small: Company, tmp_path: Path) -> None:
    again = spreadsheets.write_all(small, tmp_path, "ut", SOURCE_NAMES)
    for stream in ("campaign_costs", "discount_tiers", "customer_matches", "exchange_rates"):
        assert again[stream].path.read_bytes() == written[stream].path.read_bytes(), stream
