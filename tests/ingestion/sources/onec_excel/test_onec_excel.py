"""Reports that 1C saved to Excel: title and parameters above, groups by outline, totals, numbers as text, two columns of one name."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from ingestion.errors import PermanentError
from ingestion.sandbox.company import build_company
from ingestion.sandbox.spreadsheets import russian
from ingestion.sources.onec_excel.source import SOURCE
from ingestion.spec import Source

Zones = Callable[[Source], Any]
NBSP = "\u00a0"
SALES = {
    "columns": {
        "document_id": "Регистратор", "document_number": "Регистратор", "sale_date": "Дата", "customer_id": "Контрагент",
        "product_id": "Код", "quantity": "Количество", "revenue": "Выручка",
    },
    "key": ["Регистратор", "Код", "Контрагент"],
    "groups": ["Контрагент"],
}  # fmt: skip


def report(path: Path, rows: list[tuple[int, list[Any]]], *, sheet: str = "TDSheet") -> Path:
    """A workbook: (outline level, cells) of each row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(sheet)
    page.merge_range(0, 0, 0, 3, "Продажи по контрагентам")
    page.write_row(2, 0, ["Параметры:", "Период: 01.03.2026 - 31.03.2026"])
    for place, (level, cells) in enumerate(rows, 4):
        for column, value in enumerate(cells):
            page.write(place, column, value)
        if level:
            page.set_row(place, None, None, {"level": level})
    book.close()
    return path


HEADER = (0, ["Регистратор", "Дата", "Код", "Код", "Количество", "Выручка"])


def test_a_grouped_report_gives_its_rows_with_their_groups_and_without_its_sums(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    company = build_company(scale=0.02)
    rows: list[tuple[int, list[Any]]] = [HEADER]
    expected: dict[str, Decimal] = {}
    for shipment in company.shipments[:30]:
        name = company.customer[shipment.customer].name
        total = sum((line.amount for line in shipment.lines), Decimal(0))
        rows.append((0, [name, "", "", "", "", russian(total)]))
        for line in shipment.lines:
            code = company.product[line.product].code
            rows.append(
                (
                    1,
                    [
                        f"Реализация {shipment.code}",
                        f"{shipment.at:%d.%m.%Y}",
                        code,
                        "0005",
                        f"{line.quantity}".replace(".", ","),
                        russian(line.amount),
                    ],
                )
            )
        expected[name] = expected.get(name, Decimal(0)) + total
    rows.append((0, ["Итого", "", "", "", "", russian(sum(expected.values(), Decimal(0)))]))
    report(zone.root / "reports" / "sales-2026-03.xlsx", rows)
    zone.extract(zone.connect(path="reports", streams={"sales": SALES}), "sales")
    found: dict[str, Decimal] = {}
    for one in zone.records("sales").values():
        found[one["customer_id"]] = found.get(one["customer_id"], Decimal(0)) + Decimal(one["revenue"])
    assert found == expected
    assert {one["document_number"] for one in zone.records("sales").values()} == {
        f"Реализация {one.code}" for one in company.shipments[:30]
    }


def test_codes_keep_their_zeros_and_the_second_column_of_a_name_is_its_own(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    report(zone.root / "a.xlsx", [HEADER, (0, ["Р1", "10.03.2026", "00012  ", "0005", "2", f"1{NBSP}234,50"])])
    streams = {"stock": {"columns": {"product_id": "Код 2", "warehouse_id": "Код", "quantity": "Выручка"}}}
    zone.extract(zone.connect(path="a.xlsx", streams=streams), "stock")
    (only,) = zone.records("stock").values()
    assert (only["product_id"], only["warehouse_id"], Decimal(only["quantity"])) == ("0005", "00012", Decimal("1234.5"))


def test_headings_that_are_not_there_are_named_with_those_that_are(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    report(zone.root / "a.xlsx", [HEADER])
    streams = {"stock": {"columns": {"product_id": "Артикул", "warehouse_id": "Склад", "quantity": "Остаток"}}}
    with pytest.raises(
        PermanentError, match=r"no row has all of the headings Артикул, Остаток, Склад; the fullest row has Регистратор, Дата"
    ):
        zone.extract(zone.connect(path="a.xlsx", streams=streams), "stock")


def test_a_report_that_is_no_workbook_leaves_what_is_known(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    path = report(zone.root / "a.xlsx", [HEADER, (0, ["Р1", "10.03.2026", "1", "2", "3", "4"])])
    streams = {"stock": {"columns": {"product_id": "Код", "warehouse_id": "Код 2", "quantity": "Выручка"}}}
    connector = zone.connect(path="a.xlsx", streams=streams)
    zone.extract(connector, "stock")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(PermanentError, match=r"a\.xlsx"):
        zone.extract(connector, "stock")
    assert len(zone.records("stock")) == 1


def test_a_header_of_several_rows_names_each_column_by_its_lowest_cell(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    rows: list[tuple[int, list[Any]]] = [
        (0, ["Контрагент", "Дата", "Регистратор", "Показатели", ""]),
        (0, ["Код", "", "", "Количество", "Выручка"]),
        (0, ["Total Ромашка", "", "", "3", "30,00"]),
        (1, ["0001", "10.03.2026", "Р1", "1", "10,00"]),
        (0, ["Контрагент", "Дата", "Регистратор", "Показатели", ""]),
        (0, ["Код", "", "", "Количество", "Выручка"]),
        (1, ["0002", "10.03.2026", "Р1", "2", f"1{NBSP}020,00"]),
        (0, ["Итого", "", "", "3", "30,00"]),
    ]
    report(zone.root / "a.xlsx", rows)
    zone.extract(zone.connect(path="a.xlsx", streams={"sales": SALES}), "sales")
    found = sorted((one["customer_id"], one["product_id"], one["revenue"]) for one in zone.records("sales").values())
    assert found == [("Total Ромашка", "0001", "10.00"), ("Total Ромашка", "0002", "1020.00")]


def test_the_name_of_a_group_stays_where_its_column_is_empty_or_holds_what_is_below_it(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    rows: list[tuple[int, list[Any]]] = [
        (0, ["Контрагент", "Регистратор", "Дата", "Код", "Количество", "Выручка"]),
        (0, ["ООО Ромашка"]),
        (1, ["", "Р1", "10.03.2026", "0001", "1", "10"]),
        (1, ["Реализация Р2", "Р2", "10.03.2026", "0001", "1", "20"]),
    ]
    report(zone.root / "a.xlsx", rows)
    zone.extract(zone.connect(path="a.xlsx", streams={"sales": SALES}), "sales")
    assert [one["customer_id"] for one in zone.records("sales").values()] == ["ООО Ромашка"] * 2


@pytest.mark.parametrize(
    ("levels", "told"),
    [((1, 0), "row 6 stands below no group, so Контрагент cannot be told"), ((0, 0), "its rows have no outline, so Контрагент")],
    ids=["groups below their rows", "no outline"],
)
def test_groups_that_cannot_be_told_are_refused_and_not_guessed(zone_of: Zones, levels: tuple[int, int], told: str) -> None:
    zone = zone_of(SOURCE)
    row = ["Р1", "10.03.2026", "0001", "0005", "1", "10"]
    report(zone.root / "a.xlsx", [HEADER, (levels[0], row), (levels[1], ["ООО Ромашка"])])
    with pytest.raises(PermanentError, match=told):
        zone.extract(zone.connect(path="a.xlsx", streams={"sales": SALES}), "sales")


def test_rows_of_one_document_are_its_lines_where_no_key_tells_them_apart(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    rows = [(0, [document, "10.03.2026", "0001", "", "1", amount]) for document, amount in (("Р1", "10"), ("Р2", "20"), ("Р1", "30"))]
    report(zone.root / "a.xlsx", [HEADER, *rows])
    stream = {"columns": {name: field for name, field in SALES["columns"].items() if name != "customer_id"}}  # type: ignore[attr-defined]
    zone.extract(zone.connect(path="a.xlsx", streams={"sales": stream}), "sales")
    assert {key: one["revenue"] for key, one in zone.records("sales").items()} == {"Р1|": "10", "Р2|": "20", "Р1|2": "30"}
