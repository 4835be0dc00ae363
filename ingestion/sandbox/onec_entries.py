"""Entries of БП's accounting register about sales: revenue on 90.01, cost on 90.02, VAT on 90.03, and the closing of the year.

Entries are in the company currency. VAT is one entry for each document and rate, and names no product; what came back is reversed by
entries below nothing.
"""

from collections import defaultdict
from decimal import Decimal

from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_movements import Movement, sale_movements
from ingestion.sandbox.onec_values import ZERO_GUID, Row, number, pair, ref, stamp, whole

ACCOUNTING = "AccountingRegister_Хозрасчетный"
RECORDERS = {
    "shipment": "Document_РеализацияТоваровУслуг",
    "return": "Document_ВозвратТоваровОтПокупателя",
    "report": "Document_ОтчетОРозничныхПродажах",
    "closing": "Document_РегламентнаяОперация",
}


def entries(company: Company) -> dict[str, list[Row]]:
    """Rows of RecordsWithExtDimensions, recorder by recorder."""
    found: list[Row] = []
    by_recorder: dict[tuple[str, object], list[Movement]] = defaultdict(list)
    for one in sale_movements(company):
        by_recorder[one.recorder].append(one)
    for moved in by_recorder.values():
        rows = [row for one in moved for row in _of(one, company)]
        by_rate: dict[Decimal, Decimal] = defaultdict(Decimal)
        for one in moved:
            by_rate[company.product[one.product].vat_rate] += one.vat
        rows += [_vat(moved[0], rate, amount) for rate, amount in by_rate.items() if amount]
        found += [{**row, "LineNumber": whole(line)} for line, row in enumerate(rows, 1)]
    turned = sum((one.revenue for one in sale_movements(company) if one.is_active), Decimal(0))
    closing = {**_entry(next(sale_movements(company)), "90.01.1", "90.09", turned), "LineNumber": whole(1)}
    found.append({**closing, "Recorder": ref("year", 1), "Recorder_Type": "StandardODATA.Document_РегламентнаяОперация"})
    return {ACCOUNTING: found}


def _entry(one: Movement, debit: str, credit: str, amount: Decimal) -> Row:
    kind, identity = one.recorder
    return {
        "Recorder": ref(kind, identity),
        "Recorder_Type": f"StandardODATA.{RECORDERS[kind]}",
        "Period": stamp(one.at),
        "Active": one.is_active,
        "Организация_Key": ref("organisation", one.organisation),
        "AccountDr_Key": ref("account", debit),
        "AccountCr_Key": ref("account", credit),
        **{f"ExtDimension{side}{n}{suffix}": "" for side in ("Dr", "Cr") for n in (1, 2, 3) for suffix in ("", "_Type")},
        "Сумма": number(amount),
        "КоличествоDr": 0,
        "КоличествоCr": 0,
        "Содержание": "",
    }


def _of(one: Movement, company: Company) -> list[Row]:
    product = company.product[one.product]
    group = pair("ExtDimensionCr1", "Catalog_НоменклатурныеГруппы", ref("category", product.group))
    rows = []
    if one.revenue or one.quantity:
        rows.append(
            {
                **_entry(one, "62.01", "90.01.1", one.revenue),
                **pair("ExtDimensionDr1", "Catalog_Контрагенты", ref("counterparty", one.counterparty)),
                **pair("ExtDimensionDr2", "Catalog_ДоговорыКонтрагентов", ref("contract", one.counterparty)),
                **group,
                "ExtDimensionCr2": _rate(product.vat_rate),
                "ExtDimensionCr2_Type": "StandardODATA.СтавкиНДС",
                **pair("ExtDimensionCr3", "Catalog_Номенклатура", ref("product", one.product)),
                "КоличествоCr": number(one.quantity),
            }
        )
    if one.cost:
        rows.append(
            {
                **_entry(one, "90.02.1", "41.01", one.cost),
                **pair("ExtDimensionDr1", "Catalog_НоменклатурныеГруппы", ref("category", product.group)),
                **pair("ExtDimensionDr2", "Catalog_Номенклатура", ref("product", one.product)),
                **pair("ExtDimensionCr1", "Catalog_Номенклатура", ref("product", one.product)),
                **pair("ExtDimensionCr2", "Catalog_Склады", ref("warehouse", one.warehouse)),
                "КоличествоCr": number(one.quantity),
            }
        )
    return rows


def _vat(one: Movement, rate: Decimal, amount: Decimal) -> Row:
    return {
        **_entry(one, "90.03", "68.02", amount),
        **pair("ExtDimensionDr1", "Catalog_НоменклатурныеГруппы", ZERO_GUID),
        "ExtDimensionDr2": _rate(rate),
        "ExtDimensionDr2_Type": "StandardODATA.СтавкиНДС",
    }


def _rate(rate: Decimal) -> str:
    return f"НДС{int(rate * 100)}" if rate else "БезНДС"
