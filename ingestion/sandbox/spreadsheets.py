"""The company's spreadsheets as people keep them: titles above the header, totals below, roubles with blanks and commas, a few bad rows.

Each file differs in kind, encoding and separator, so that together they show what the reader must stand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_values import ref

NBSP = "\u00a0"
FILES = {
    "campaign_costs": "costs.csv",
    "plans": "plans.xlsx",
    "discount_tiers": "tiers.csv",
    "customer_matches": "matches.csv",
    "exchange_rates": "rates.csv",
}
METRICS = {
    "revenue": "Выручка",
    "gross_profit": "Валовая прибыль",
    "cash": "Поступления",
    "average_sale": "Средний чек",
    "contacts": "Контакты",
    "deals_won": "Выигранные сделки",
}
SCOPES = {"company": "Компания", "manager": "Менеджер", "department": "Отдел", "product_category": "Категория"}


@dataclass(frozen=True, slots=True)
class Written:
    """One file written: where it is, how many of its rows are good and how many are bad."""

    path: Path
    good: int
    bad: int


def russian(value: Decimal) -> str:
    """1234.5 as 1 234,50 with a no-break blank, as 1C and Excel print it."""
    return f"{value:,.2f}".replace(",", NBSP).replace(".", ",")


def card_id(card: tuple[str, str, int], configuration: str) -> str:
    """What the warehouse calls a card inside its source: "<kind>:<id>" where a system numbers kinds apart."""
    system, kind, number = card
    if system != "onec":
        return f"{kind}:{number}"
    if configuration in ("ut", "ka", "erp"):
        return f"{kind}:{ref(kind, number)}"
    return ref("counterparty", number)


def write_costs(company: Company, path: Path) -> Written:
    """costs.csv: cp1251, `;`, header in the fourth row, `1 234,56`; two bad rows and a total."""
    rows = [one for one in company.campaign_days if company.campaign[one.campaign].system == "spreadsheet"]
    lines = [
        "Расходы на рекламу;;;;;;;;",
        ";;;;;;;;",
        "Параметры:;Без НДС;;;;;;;",
        "Дата;Источник;Тип трафика;Метка кампании;Название кампании;Показы;Клики;Расход, руб.;С НДС",
    ]
    for one in rows:
        campaign = company.campaign[one.campaign]
        named = f"{one.day:%d.%m.%Y};{campaign.utm_source};{campaign.utm_medium};{campaign.utm_campaign};{campaign.name}"
        lines.append(f"{named};{one.impressions};{one.clicks};{russian(one.cost)};нет")
    lines.insert(8, "32.01.2026;vk;cpc;vk_spring;VK: весна;0;0;100,00;нет")
    lines.append(f"{company.started_on:%d.%m.%Y};vk;cpc;vk_spring;VK: весна;0;0;уточнить;нет")
    lines.append(f"Итого;;;;;;;{russian(sum((one.cost for one in rows), Decimal(0)))};")
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("cp1251"))
    return Written(path, len(rows), 2)


def write_plans(company: Company, path: Path) -> Written:
    """plans.xlsx: the sheet is called TDSheet and its header stands in the fifth row, as 1C saves reports; months are text; one bad row."""
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "dd.mm.yyyy"})
    sheet = book.add_worksheet("TDSheet")
    bold = book.add_format({"bold": True})
    sheet.merge_range(0, 0, 0, 4, "План продаж", bold)
    sheet.write_row(2, 0, ["Параметры:", "Организация: все"])
    sheet.write_row(4, 0, ["Месяц", "Показатель", "Разрез", "Код", "План"], bold)
    row = 5
    for one in company.plans:
        sheet.write_row(row, 0, [f"{one.month:%d.%m.%Y}", METRICS[one.metric], SCOPES[one.scope_kind], one.scope_key])
        if row % 2:
            sheet.write_number(row, 4, float(one.value))
        else:
            sheet.write_string(row, 4, russian(one.value))
        row += 1
    sheet.write_row(row, 0, [f"{company.plans[-1].month:%d.%m.%Y}", "Выручка", "Менеджер", company.managers[0].code, "по факту"])
    sheet.write_row(row + 1, 0, ["Итого", "", "", ""])
    sheet.write_number(row + 1, 4, float(sum(one.value for one in company.plans)))
    book.close()
    return Written(path, len(company.plans), 1)


def write_tiers(company: Company, path: Path) -> Written:
    """tiers.csv: utf-8, commas, percents."""
    lines = ["Уровень,Оборот от,Скидка"]
    lines += [f"{one.name},{one.min_turnover:.0f},{one.discount * 100:.0f}%" for one in company.tiers]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Written(path, len(company.tiers), 0)


def write_matches(company: Company, path: Path, configuration: str, names: Mapping[str, str]) -> Written:
    """matches.csv: utf-8 with a byte order mark, `;`. `names` gives the source's name in skvoz.toml for each system."""
    lines = ["Источник 1;Клиент 1;Источник 2;Клиент 2;Это один клиент"]
    for one in company.matches:
        left, right = card_id(one.left, configuration), card_id(one.right, configuration)
        lines.append(f"{names[one.left[0]]};{left};{names[one.right[0]]};{right};{'да' if one.is_same else 'нет'}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return Written(path, len(company.matches), 0)


def write_rates(company: Company, path: Path) -> Written:
    """rates.csv: utf-8, commas, English numbers and ISO dates: the yuan, which 1C does not have; one bad row."""
    days = [one for one in company.rates if one.currency == "USD"][:: 5 if len(company.rates) > 200 else 1]
    lines = ["Date,Currency,Nominal,Rate"]
    lines += [f"{one.day:%Y-%m-%d},CNY,10,{one.rate * Decimal('1.37'):.4f}" for one in days]
    lines.append(f"{days[-1].day:%Y-%m-%d},CNY,10,n/a")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Written(path, len(days), 1)


def write_all(company: Company, folder: Path, configuration: str, names: Mapping[str, str]) -> dict[str, Written]:
    """All files of the company, by the stream each feeds; the folder is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    writers: dict[str, Callable[[Path], Written]] = {
        "campaign_costs": lambda path: write_costs(company, path),
        "plans": lambda path: write_plans(company, path),
        "discount_tiers": lambda path: write_tiers(company, path),
        "customer_matches": lambda path: write_matches(company, path, configuration, names),
        "exchange_rates": lambda path: write_rates(company, path),
    }
    return {stream: write(folder / FILES[stream]) for stream, write in writers.items()}
