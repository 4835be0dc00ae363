"""The columns of each stream and the names people give them, in Russian and English; data only.

Names are compared in the form that `normalised` gives: lower case, ё as е, everything but letters, digits and % as one space.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

Kind = Literal["text", "money", "integer", "rate", "share", "day", "wall", "month", "flag", "currency", "metric", "scope"]
_UNITS = frozenset({"руб", "рублей", "р", "rub", "rur", "usd", "eur", "шт", "ед", "pcs", "₽"})


@dataclass(frozen=True, slots=True)
class Column:
    """One logical column.

    Attributes:
        name: of the payload field.
        kind: how its cells are read; `wall` is a day with the time of day where the cell has one.
        names: what people write above it.
        required: a row without it is a bad row.
    """

    name: str
    kind: Kind
    names: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one stream.

    Attributes:
        columns: in the order of the payload.
        one_of: at least one of these must be filled in a row.
    """

    columns: tuple[Column, ...]
    one_of: tuple[str, ...] = ()


LAYOUTS: dict[str, Layout] = {
    "campaign_costs": Layout(
        (
            Column(
                "cost_date",
                "day",
                ("date", "day", "period", "дата", "день", "период", "месяц", "month", "дата с", "date from", "начало периода"),
                required=True,
            ),
            Column("date_to", "day", ("date to", "дата по", "дата до", "конец периода", "окончание периода")),
            Column("utm_source", "text", ("utmsource", "utm source", "source", "источник", "площадка", "рекламная система", "трафик")),
            Column("utm_medium", "text", ("utmmedium", "utm medium", "medium", "тип трафика")),
            Column("utm_campaign", "text", ("utmcampaign", "utm campaign", "метка кампании")),
            Column("utm_content", "text", ("utmcontent", "utm content")),
            Column("utm_term", "text", ("utmterm", "utm term")),
            Column(
                "campaign_id", "text", ("campaignid", "campaign id", "id кампании", "номер кампании", "campaign number", "код кампании")
            ),
            Column(
                "campaign_name",
                "text",
                ("campaign", "campaign name", "campaignname", "кампания", "название кампании", "рекламная кампания", "имя кампании"),
            ),
            Column("channel", "text", ("channel", "канал", "рекламный канал", "канал привлечения", "trafficsource", "traffic source")),
            Column("impressions", "integer", ("impressions", "impr", "shows", "показы", "количество показов", "показов")),
            Column("clicks", "integer", ("clicks", "клики", "переходы", "количество кликов", "кликов")),
            Column(
                "cost",
                "money",
                (
                    "expenses",
                    "cost",
                    "costs",
                    "spend",
                    "spent",
                    "amount",
                    "расход",
                    "расходы",
                    "затраты",
                    "стоимость",
                    "сумма",
                    "потрачено",
                    "бюджет",
                    "расход без ндс",
                    "сумма без ндс",
                    "расход с ндс",
                    "сумма с ндс",
                ),
                required=True,
            ),
            Column("currency_code", "currency", ("currency", "currency code", "валюта", "код валюты")),
            Column(
                "include_vat",
                "flag",
                ("include vat", "includevat", "vat included", "с ндс", "ндс включен", "включая ндс", "сумма включает ндс"),
            ),
        ),
        one_of=("utm_source", "utm_campaign", "campaign_id", "campaign_name", "channel"),
    ),
    "plans": Layout(
        (
            Column("month", "month", ("month", "period", "date", "месяц", "период", "дата"), required=True),
            Column("metric", "metric", ("metric", "measure", "indicator", "показатель", "метрика", "план по"), required=True),
            Column("scope_kind", "scope", ("scope kind", "scope", "level", "уровень", "разрез", "чей план", "вид")),
            Column("scope_key", "text", ("scope key", "key", "who", "объект", "кто", "код", "ключ", "менеджер", "сотрудник", "manager")),
            Column("value", "money", ("value", "plan", "amount", "target", "значение", "план", "сумма", "цель"), required=True),
        )
    ),
    "discount_tiers": Layout(
        (
            Column(
                "tier_name",
                "text",
                ("tier name", "tier", "level", "name", "уровень", "название", "статус", "ступень", "категория"),
                required=True,
            ),
            Column(
                "min_turnover",
                "money",
                ("min turnover", "turnover", "from", "threshold", "оборот от", "от", "порог", "минимальный оборот", "сумма от", "оборот"),
                required=True,
            ),
            Column("discount", "share", ("discount", "discount %", "скидка", "скидка %", "процент скидки", "процент", "%"), required=True),
        )
    ),
    "customer_matches": Layout(
        (
            Column(
                "source_a",
                "text",
                ("source a", "source 1", "system a", "источник 1", "источник а", "система 1", "система а"),
                required=True,
            ),
            Column(
                "source_customer_id_a",
                "text",
                ("source customer id a", "customer a", "id a", "id 1", "клиент 1", "клиент а", "код 1", "код а"),
                required=True,
            ),
            Column(
                "source_b",
                "text",
                ("source b", "source 2", "system b", "источник 2", "источник б", "система 2", "система б"),
                required=True,
            ),
            Column(
                "source_customer_id_b",
                "text",
                ("source customer id b", "customer b", "id b", "id 2", "клиент 2", "клиент б", "код 2", "код б"),
                required=True,
            ),
            Column("is_same", "flag", ("is same", "same", "match", "это один клиент", "один клиент", "совпадает", "тот же", "да нет")),
        )
    ),
    "exchange_rates": Layout(
        (
            Column("rate_date", "day", ("rate date", "date", "day", "дата", "дата курса", "период"), required=True),
            Column("currency_code", "currency", ("currency code", "currency", "валюта", "код валюты", "код", "букв код"), required=True),
            Column("rate_to_base", "rate", ("rate to base", "rate", "курс", "curs", "значение"), required=True),
            Column("units", "integer", ("units", "nominal", "multiplicity", "кратность", "номинал", "единиц", "количество")),
        )
    ),
    "products": Layout(
        (
            Column("sku", "text", ("sku", "article", "item number", "артикул", "код", "код товара"), required=True),
            Column(
                "product_name",
                "text",
                ("product name", "product", "name", "title", "наименование", "номенклатура", "товар", "название"),
                required=True,
            ),
            Column("category", "text", ("category", "group", "категория", "группа", "вид номенклатуры", "товарная группа")),
            Column("unit", "text", ("unit", "uom", "единица", "ед изм", "единица измерения", "ед")),
            Column("price", "money", ("price", "цена", "цена продажи", "розничная цена")),
        )
    ),
}

METRICS = {
    "revenue": ("revenue", "sales", "turnover", "выручка", "продажи", "оборот"),
    "gross_profit": ("gross profit", "margin", "profit", "валовая прибыль", "прибыль", "маржа"),
    "cash": ("cash", "money", "receipts", "деньги", "поступления", "оплаты", "поступление денег"),
    "deals_won": ("deals won", "deals", "won deals", "сделки", "успешные сделки", "выигранные сделки", "количество сделок"),
    "contacts": ("contacts", "контакты", "касания", "активности"),
    "average_sale": ("average sale", "average cheque", "average check", "средний чек", "средняя продажа"),
}
SCOPES = {
    "company": ("company", "all", "компания", "вся компания", "всего", "организация"),
    "department": ("department", "team", "отдел", "подразделение", "группа"),
    "manager": ("manager", "employee", "seller", "менеджер", "сотрудник", "продавец"),
    "product_category": ("product category", "category", "категория", "категория товаров", "товарная группа"),
    "customer": ("customer", "client", "клиент", "покупатель"),
}
CURRENCIES = {
    "RUB": ("rur", "руб", "рубль", "рубли", "рублей", "р", "₽", "российский рубль", "643", "810"),
    "USD": ("$", "доллар", "доллар сша", "долл", "840"),
    "EUR": ("€", "евро", "978"),
    "KZT": ("тенге", "тг", "₸", "398"),
    "BYN": ("белорусский рубль", "бел руб", "933"),
    "CNY": ("юань", "юани", "¥", "156"),
}
YES = frozenset({"да", "yes", "y", "true", "1", "истина", "+", "с ндс", "верно"})
NO = frozenset({"нет", "no", "n", "false", "0", "ложь", "-", "без ндс", "неверно"})


def normalised(name: str) -> str:
    """A heading as it is compared: `Расход, руб.` → `расход руб`."""
    text = name.strip().lower().replace("ё", "е").replace("№", "номер ")
    return re.sub(r"[^0-9a-zа-я%₽$€₸¥+\-]+|(?<=\w)-(?=\w)", " ", text).strip()


def read_as(heading: str) -> frozenset[str]:
    """What a heading may say: all of it, and without a unit behind it."""
    text = normalised(heading)
    words = text.split()
    while words and words[-1] in _UNITS:
        words.pop()
    return frozenset((text, " ".join(words)))


@cache
def called(column: Column) -> frozenset[str]:
    """What a column is called, as headings are compared."""
    return frozenset(normalised(name) for name in (*column.names, column.name.replace("_", " ")))
