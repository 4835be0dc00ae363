"""The company's shops as a base of Розница 2: receipts, returns as receipts of another operation, and the reports over them.

No sales register is published and no buyer is named; a receipt says how it was paid in `Оплата`, its lines who sold.
"""

from datetime import date

from ingestion.sandbox import onec_buyers as buyers
from ingestion.sandbox import onec_catalogs as catalogs
from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_movements import report_lines
from ingestion.sandbox.onec_ut_money import REPORT, document
from ingestion.sandbox.onec_values import ZERO_GUID, Row, key, number, numbered, ref, stamp
from ingestion.sandbox.trade import Line

RECEIPT = "Document_ЧекККМ"


def entities(company: Company) -> dict[str, list[Row]]:
    """Rows of every entity set."""
    return {
        "Catalog_Организации": catalogs.organisations(company),
        "Catalog_Валюты": catalogs.currencies(company),
        "Catalog_Магазины": [catalogs.catalog(ref("shop", one.number), one.name) for one in company.warehouses if one.is_shop],
        "Catalog_Склады": catalogs.warehouses(company, "Catalog_Склады"),
        "Catalog_Пользователи": catalogs.users(company),
        "Catalog_Контрагенты": buyers.counterparties(company, "bp"),
        "Catalog_Номенклатура": catalogs.products(company, "ut"),
        "Catalog_УпаковкиЕдиницыИзмерения": catalogs.units(company),
        "Catalog_СтатьиДвиженияДенежныхСредств": catalogs.cash_articles(company),
        RECEIPT: _receipts(company),
        REPORT: _reports(company),
    }


def balances(company: Company, _upto: date | None = None) -> dict[str, list[Row]]:
    """Rows behind the virtual table Balance of the stock register."""
    rows: list[Row] = [
        {
            "Номенклатура_Key": ref("product", one.product),
            "Характеристика_Key": ZERO_GUID,
            "Склад_Key": ref("warehouse", one.warehouse),
            "КоличествоBalance": number(one.quantity),
        }
        for one in company.stock
    ]
    return {"AccumulationRegister_ТоварыНаСкладах": rows}


def _header(organisation: int, warehouse: int, manager: int) -> Row:
    return {
        "Организация_Key": ref("organisation", organisation),
        "Магазин_Key": ref("shop", warehouse),
        "Склад_Key": ref("warehouse", warehouse),
        "Ответственный_Key": ref("user", manager),
        "ЦенаВключаетНДС": True,
    }


def _lines(lines: tuple[Line, ...], owner: str, seller: int) -> list[Row]:
    rows: list[Row] = [
        {
            "Номенклатура_Key": ref("product", line.product),
            "Характеристика_Key": ZERO_GUID,
            "Количество": number(line.quantity),
            "Цена": number(line.price),
            "Сумма": number(line.amount),
            "СуммаНДС": number(line.vat),
            "СуммаРучнойСкидки": number(line.discount),
            "СуммаАвтоматическойСкидки": 0,
            "Продавец_Key": ref("user", seller),
        }
        for line in lines
    ]
    return numbered(rows, owner)


def _receipts(company: Company) -> list[Row]:
    rows = []
    for one in company.receipts:
        owner = ref("receipt", one.number)
        paid = [("cash", one.cash), ("card", one.card)]
        ways: list[Row] = [{"ВидОплаты_Key": ref("way of payment", way), "Сумма": number(amount)} for way, amount in paid if amount]
        rows.append(
            {
                **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
                **_header(one.organisation, one.warehouse, one.manager),
                "ВидОперации": "Возврат" if one.is_return else "Продажа",
                "ЧекККМПродажа_Key": key("receipt", one.original),
                "СуммаДокумента": number(sum(line.amount for line in one.lines)),
                "Товары": _lines(one.lines, owner, one.manager),
                "Оплата": numbered(ways, owner),
            }
        )
    return rows


def _reports(company: Company) -> list[Row]:
    rows = []
    for report in company.reports:
        owner = ref("report", report.number)
        lines = report_lines(company, report)
        sold = tuple(line for gone, line in lines if not gone)
        back = tuple(line for gone, line in lines if gone)
        rows.append(
            {
                **document(owner, report.code, stamp(report.at), True, False),
                **_header(report.organisation, report.warehouse, report.manager),
                "СуммаДокумента": number(sum(line.amount for line in sold)),
                "СуммаВозвратов": number(sum(line.amount for line in back)),
                "Товары": _lines(sold, owner, report.manager),
                "ВозвращенныеТовары": _lines(back, owner, report.manager),
            }
        )
    return rows
