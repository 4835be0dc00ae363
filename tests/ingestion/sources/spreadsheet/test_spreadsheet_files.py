"""Files to records: headings found, bad rows named while good ones load, totals left out, unchanged files left alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from ingestion.errors import PermanentError
from ingestion.sandbox.company import build_company
from ingestion.sandbox.spreadsheets import FILES, write_all
from ingestion.sources.spreadsheet.source import SOURCE
from ingestion.spec import Source

Zones = Callable[[Source], Any]


def workbook(path: Path, rows: list[list[Any]], *, sheet: str = "TDSheet", skip: int = 0) -> Path:
    """A workbook as 1C saves it: rows of values, dates as date cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(sheet)
    days = book.add_format({"num_format": "dd.mm.yyyy"})
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, date):
                page.write_datetime(number + skip, place, value, days)
            elif value is not None:
                page.write(number + skip, place, value)
    book.close()
    return path


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def test_a_report_saved_by_1c_is_read_with_title_totals_and_empty_rows_around(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    workbook(
        zone.root / "costs.xlsx",
        [
            ["Расходы на рекламу"],
            ["Период: март 2026"],
            [],
            ["Дата", "Источник", "Кампания", "Расход, руб.", "Показы", "Клики", "Валюта"],
            [date(2026, 3, 1), "avito", "Весна", 1234.567, 1000, 10, "руб."],
            ["02.03.2026", "avito", "Весна", "1 234,56", "1 000", "", "RUB"],
            [],
            ["Итого", None, None, 2469.13],
        ],
    )
    result = zone.extract(zone.connect(path="costs.xlsx", stream="campaign_costs"), "campaign_costs")["campaign_costs"]
    assert (result.received, result.rejected) == (2, 0)
    assert list(zone.records("campaign_costs").values()) == [
        {
            "cost_date": "2026-03-01", "utm_source": "avito", "campaign_name": "Весна", "impressions": "1000", "clicks": "10",
            "cost": "1234.567", "currency_code": "RUB", "_file": "costs.xlsx", "_sheet": "TDSheet", "_row": 5,
        },
        {
            "cost_date": "2026-03-02", "utm_source": "avito", "campaign_name": "Весна", "impressions": "1000",
            "cost": "1234.56", "currency_code": "RUB", "_file": "costs.xlsx", "_sheet": "TDSheet", "_row": 6,
        },
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "cp866", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_csv_is_read_in_every_encoding_and_with_every_separator(zone_of: Zones, encoding: str, separator: str) -> None:
    zone = zone_of(SOURCE)
    rows = [["Месяц", "Показатель", "Менеджер", "План"], ["март 2026", "Выручка", "M-01", '"1 500 000,50"'], ["04.2026", "cash", "", "100"]]
    text(zone.root / "plans.csv", "\r\n".join(separator.join(row) for row in rows) + "\r\n", encoding)
    zone.extract(zone.connect(path="plans.csv", stream="plans"), "plans")
    first, second = zone.records("plans").values()
    assert (first["month"], first["metric"], first["scope_kind"], first["scope_key"], first["value"]) == (
        "2026-03-01", "revenue", "manager", "M-01", "1500000.50",
    )  # fmt: skip
    assert (second["metric"], second["scope_kind"]) == ("cash", "company")


def test_bad_rows_are_named_with_file_sheet_row_column_and_reason_and_good_ones_load(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    workbook(
        zone.root / "in" / "costs.xlsx",
        [
            ["Дата", "Канал", "Расход"],
            ["01.03.2026", "радио", "1,234"],
            ["32.03.2026", "радио", 5],
            ["03.03.2026", "", 5],
            ["04.03.2026", "радио", ""],
            ["05.03.2026", "радио", "500"],
        ],
        sheet="Март",
    )
    result = zone.extract(zone.connect(path="in/costs.xlsx", stream="campaign_costs"), "campaign_costs")["campaign_costs"]
    assert (result.received, result.rejected) == (1, 4)
    assert zone.notes[0].startswith("in/costs.xlsx, sheet Март, row 2, column Расход: «1,234» can be read as 1.234 or as 1234")
    assert "row 3, column Дата" in zone.notes[1]
    assert "row 4" in zone.notes[2]
    assert "row 5, column Расход: is empty" in zone.notes[3]
    assert zone.notes[4] == "in/costs.xlsx: 1 rows read, 4 bad rows left out."


def test_a_metrica_file_with_ranges_is_spread_over_days_to_the_last_cent(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    text(
        zone.root / "expenses.csv",
        "Date,UTMSource,UTMMedium,UTMCampaign,Expenses,Currency,Clicks\n2026-03-01/2026-03-03,vk,cpc,Spring,100.00,RUB,10\n"
        "2026-03-05,vk,cpc,Spring,7.5,RUB,1\n",
    )
    zone.extract(zone.connect(path="expenses.csv", stream="campaign_costs"), "campaign_costs")
    records = zone.records("campaign_costs")
    spread = [row for row in records.values() if row.get("spread") == "true"]
    assert [row["cost_date"] for row in spread] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert sum(Decimal(row["cost"]) for row in spread) == Decimal("100.00")
    assert sum(int(row["clicks"]) for row in spread) == 10
    assert all(row["utm_campaign"] == "Spring" for row in records.values())


def test_vat_in_the_heading_of_the_cost_is_told(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    text(zone.root / "a.csv", "Дата;Канал;Расход с НДС\n01.03.2026;радио;120\n")
    zone.extract(zone.connect(path="a.csv", stream="campaign_costs"), "campaign_costs")
    assert [row["include_vat"] for row in zone.records("campaign_costs").values()] == ["true"]


def test_total_gym_repair_is_a_campaign_and_total_is_none(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    text(zone.root / "a.csv", "Campaign;Date;Cost\ntotal gym repair;2026-03-01;5\nTotal:;2026-03-01;5\nВсего по отделу;2026-03-01;5\n")
    zone.extract(zone.connect(path="a.csv", stream="campaign_costs"), "campaign_costs")
    assert [row["campaign_name"] for row in zone.records("campaign_costs").values()] == ["total gym repair"]


def test_tiers_matches_rates_and_products_have_their_columns(zone_of: Zones) -> None:
    tables = {
        "discount_tiers": (
            "Уровень;Оборот от;Скидка, %\nБронза;100 000;3\n",
            {"tier_name": "Бронза", "min_turnover": "100000", "discount": "0.03"},
        ),
        "customer_matches": (
            "source_a;source_customer_id_a;source_b;source_customer_id_b;is_same\nbooks;0001;sales;company:5;нет\n",
            {
                "source_a": "books",
                "source_customer_id_a": "0001",
                "source_b": "sales",
                "source_customer_id_b": "company:5",
                "is_same": "false",
            },
        ),
        "exchange_rates": (
            "Дата;Валюта;Курс;Кратность\n01.03.2026;$;92,123;1\n",
            {"rate_date": "2026-03-01", "currency_code": "USD", "rate_to_base": "92.123", "units": "1"},
        ),
        "products": (
            "Артикул;Номенклатура;Группа;Цена\n0007;Бур;Буры;99,90\n",
            {"sku": "0007", "product_name": "Бур", "category": "Буры", "price": "99.90"},
        ),
    }
    for stream, (content, expected) in tables.items():
        zone = zone_of(SOURCE)
        text(zone.root / "table.csv", content)
        zone.extract(zone.connect(path="table.csv", stream=stream), stream)
        (record,) = zone.records(stream).values()
        assert {name: value for name, value in record.items() if not name.startswith("_")} == expected


def test_a_file_that_did_not_change_asks_nothing_and_a_changed_one_replaces_its_rows(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    path = text(zone.root / "a.csv", "Дата;Канал;Расход\n01.03.2026;радио;1\n02.03.2026;радио;2\n")
    connector = zone.connect(path="a.csv", stream="campaign_costs")
    assert zone.extract(connector, "campaign_costs")["campaign_costs"].written == 2
    assert zone.extract(connector, "campaign_costs")["campaign_costs"].received == 0
    os.utime(path, (1, 1))
    assert zone.extract(connector, "campaign_costs")["campaign_costs"].received == 0
    text(path, "Дата;Канал;Расход\n01.03.2026;радио;3\n")
    result = zone.extract(connector, "campaign_costs")["campaign_costs"]
    assert (result.written, result.deleted) == (2, 1)
    assert [row["cost"] for row in zone.records("campaign_costs").values()] == ["3"]


def test_several_files_are_one_picture_and_lock_files_are_none(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    for month in ("01", "02"):
        text(zone.root / "in" / f"{month}.csv", f"Дата;Канал;Расход\n01.{month}.2026;радио;1\n")
    text(zone.root / "in" / "~$02.csv", "locked")
    connector = zone.connect(path="in/*.csv", stream="campaign_costs")
    zone.extract(connector, "campaign_costs")
    assert sorted(zone.records("campaign_costs")) == ["in/01.csv::2", "in/02.csv::2"]
    (zone.root / "in" / "01.csv").unlink()
    zone.extract(connector, "campaign_costs")
    assert list(zone.records("campaign_costs")) == ["in/02.csv::2"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x00\x01garbage", "no heading row"),
        (b"PK\x03\x04broken", "no readable workbook"),
        ("Имя;Фамилия\nА;Б\n".encode(), "there is «Имя», «Фамилия»"),
        ("Дата;Канал;Расход\nвчера;радио;много\n".encode(), "every row"),
    ],
)
def test_an_unreadable_file_changes_nothing_and_says_why(zone_of: Zones, content: bytes, told: str) -> None:
    zone = zone_of(SOURCE)
    path = text(zone.root / "a.csv", "Дата;Канал;Расход\n01.03.2026;радио;1\n")
    connector = zone.connect(path="a.csv", stream="campaign_costs")
    zone.extract(connector, "campaign_costs")
    path.write_bytes(content)
    with pytest.raises(PermanentError, match=told):
        zone.extract(connector, "campaign_costs")
    assert len(zone.records("campaign_costs")) == 1


def test_a_missing_file_is_an_error_that_names_it(zone_of: Zones) -> None:
    with pytest.raises(PermanentError, match=r"no file input/costs\.xlsx"):
        zone_of(SOURCE).connect(path="input/costs.xlsx", stream="plans").check()


def test_own_headings_defaults_and_sheets_can_be_named(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    workbook(zone.root / "a.xlsx", [["Когда", "Почём"], ["01.03.2026", 7]], sheet="Лист 2", skip=3)
    options = {"columns": {"cost_date": "Когда", "cost": "Почём"}, "defaults": {"channel": "радио"}, "sheet": "Лист 2"}
    connector = zone.connect(path="a.xlsx", stream="campaign_costs", **options)
    assert connector.check() == "1 files, 1 rows of campaign_costs, 0 bad rows."
    zone.extract(connector, "campaign_costs")
    (record,) = zone.records("campaign_costs").values()
    assert (record["channel"], record["cost"], record["_row"]) == ("радио", "7", 5)
    with pytest.raises(PermanentError, match="no sheet Лист 3; it has Лист 2"):
        zone.connect(path="a.xlsx", stream="campaign_costs", sheet="Лист 3").check()
    with pytest.raises(ValueError, match="has no columns colour"):
        zone.connect(path="a.xlsx", stream="plans", columns={"colour": "Цвет"})


def test_the_companys_spreadsheets_give_their_good_rows_and_name_their_bad_ones(zone_of: Zones) -> None:
    company = build_company(scale=0.1, history_days=120)
    for stream in FILES:
        zone = zone_of(SOURCE)
        names = {"onec": "books", "amocrm": "sales", "bitrix24": "portal"}
        written = write_all(company, zone.root / "input", "ut", names)[stream]
        result = zone.extract(zone.connect(path=f"input/{written.path.name}", stream=stream), stream)[stream]
        assert (result.received, result.rejected) == (written.good, written.bad), stream
        assert len(zone.notes) == (written.bad + 1 if written.bad else 0)


MONTHS_ABOVE = [
    ["План продаж на 2026 год", "", "", "", ""],
    ["", "", "", "", ""],
    ["Показатель", "Менеджер", "Январь", "Февраль", "Март", "Сумма"],
    ["Выручка", "", "1 000", "1 100", "", "2 100"],
    ["Выручка", "Орлов С.", "400,50", "", "410", "810,50"],
    ["Контакты", "Орлов С.", "", "позже", "25", "25"],
    ["Итого", "", "1400,5", "1100", "435", ""],
]
READ = {
    (4, "2026-01-01", "revenue", "company", "", "1000"),
    (4, "2026-02-01", "revenue", "company", "", "1100"),
    (5, "2026-01-01", "revenue", "manager", "Орлов С.", "400.50"),
    (5, "2026-03-01", "revenue", "manager", "Орлов С.", "410"),
    (6, "2026-03-01", "contacts", "manager", "Орлов С.", "25"),
}


def told(zone: Any) -> set[tuple[Any, ...]]:
    names = ("_row", "month", "metric", "scope_kind", "scope_key", "value")
    return {tuple(record.get(name, "") for name in names) for record in zone.records("plans").values()}


@pytest.mark.parametrize(
    "heads",
    [
        ["Январь", "Февраль", "Март"],
        ["янв. 2026", "фев. 2026", "мар. 2026"],
        ["Янв.26", "Фев.26", "Мар.26"],
        ["01.2026", "02.2026", "03.2026"],
        [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)],
    ],
)
def test_plans_with_a_month_above_each_column_are_read(zone_of: Zones, heads: list[Any]) -> None:
    zone = zone_of(SOURCE)
    rows = [[*row[:2], *heads, row[-1]] if row[0] == "Показатель" else row for row in MONTHS_ABOVE]
    workbook(zone.root / "plans.xlsx", rows)
    zone.extract(zone.connect(path="plans.xlsx", stream="plans"))
    assert told(zone) == READ
    assert any("row 6, column value: «позже» is no number" in note for note in zone.notes), zone.notes
    assert {key.removeprefix("plans.xlsx:TDSheet:") for key in zone.records("plans")} >= {"4:2026-01-01", "5:2026-03-01"}


def test_months_above_columns_need_one_year(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    rows = [["" if "2026" in cell else cell for cell in row] for row in MONTHS_ABOVE]
    workbook(zone.root / "plans.xlsx", rows)
    with pytest.raises(PermanentError, match=r"the months «Январь», «Февраль», «Март» … above the columns have no year; write it"):
        zone.extract(zone.connect(path="plans.xlsx", stream="plans"))
    workbook(zone.root / "Планы 2026.xlsx", rows)
    zone.extract(zone.connect(path="Планы 2026.xlsx", stream="plans"))
    assert told(zone) == READ, "the name of the file says which"
    workbook(zone.root / "Планы 2026.xlsx", rows, sheet="2025")
    with pytest.raises(PermanentError, match="have no year"):
        zone.extract(zone.connect(path="Планы 2026.xlsx", stream="plans"))


def test_plans_of_one_metric_take_it_from_the_configuration(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    text(zone.root / "plans.csv", "Менеджер;окт.26;ноя.26\nОрлов С.;1 000;2 000\nЕршов А.;;500\n")
    with pytest.raises(PermanentError, match=r'no heading row .* for instance metric = "revenue"'):
        zone.extract(zone.connect(path="plans.csv", stream="plans"))
    zone.extract(zone.connect(path="plans.csv", stream="plans", defaults={"metric": "revenue"}))
    assert {(row[4], row[1], row[5]) for row in told(zone)} == {
        ("Орлов С.", "2026-10-01", "1000"),
        ("Орлов С.", "2026-11-01", "2000"),
        ("Ершов А.", "2026-11-01", "500"),
    }
