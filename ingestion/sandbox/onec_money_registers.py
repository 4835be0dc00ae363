"""Rows behind the balance tables of own money and of suppliers' debts, in every configuration's own shape."""

from datetime import date
from decimal import Decimal

from ingestion.sandbox.company import Company
from ingestion.sandbox.generate.rates import Rates
from ingestion.sandbox.onec_accounts import account_key, accounts, carried, owed, positions
from ingestion.sandbox.onec_values import ZERO_GUID, Row, day, number, pair, ref, stamp

ZERO = Decimal(0)


def owed_ut(company: Company, upto: date | None) -> list[Row]:
    """РасчетыСПоставщикамиПоСрокам: what is owed by document and day of payment, in its currency and the accounting one."""
    return [
        {
            "АналитикаУчетаПоПартнерам_Key": ref("partner key", f"supplier {one.supplier}", one.organisation),
            "ОбъектРасчетов_Key": ref("settlement object", one.name),
            **pair("РасчетныйДокумент", "Document_ПриобретениеТоваровУслуг", ref("delivery", one.name)),
            "ДатаВозникновения": stamp(one.at),
            "ДатаПлановогоПогашения": day(one.due_on),
            "Валюта_Key": ref("currency", one.currency),
            "ПредоплатаBalance": 0,
            "ПредоплатаРеглBalance": 0,
            "ДолгBalance": number(left),
            "ДолгРеглBalance": number(round(left * one.rate, 2)),
        }
        for one, left in owed(company, upto)
    ]


def money_ut(company: Company, kind: str, field: str, upto: date | None) -> list[Row]:
    """ДенежныеСредстваБезналичные and …Наличные: what stands on every account; an account has one currency here."""
    home = {one.key: one for one in accounts(company) if one.kind == kind}
    return [
        {
            "Организация_Key": ref("organisation", home[key].organisation),
            field: key,
            "СуммаBalance": number(amount),
        }
        for (key, _), amount in positions(company, upto).items()
        if key in home and amount
    ]


def owed_unf(company: Company, upto: date | None) -> list[Row]:
    """РасчетыСПоставщиками: in the accounting currency, and in the contract's; no currency of its own."""
    return [
        {
            "Организация_Key": ref("organisation", one.organisation),
            "ТипРасчетов": "Долг",
            "Контрагент_Key": ref("counterparty", f"supplier {one.supplier}"),
            "Договор_Key": ZERO_GUID,
            **pair("Документ", "Document_ПриходнаяНакладная", ref("delivery", one.name)),
            "Заказ_Key": ZERO_GUID,
            "СуммаBalance": number(round(left * one.rate, 2)),
            "СуммаВалBalance": number(left),
        }
        for one, left in owed(company, upto)
    ]


def money_unf(company: Company, upto: date | None) -> list[Row]:
    """ДенежныеСредства: bank accounts and cash desks in one register, told apart by the type of the reference."""
    types = {one.key: one for one in accounts(company)}
    moved = carried(company, upto)
    sums = positions(company, upto)
    if moved:
        sums[account_key("cash", 1, company.currency), company.currency] -= moved
        sums[account_key("bank", 1, company.currency), company.currency] += moved
    rate = Rates(company.rates, company.currency)
    on = upto or company.today
    return [
        {
            "Организация_Key": ref("organisation", types[key].organisation),
            "ТипДенежныхСредств": "Безналичные" if types[key].kind == "bank" else "Наличные",
            **pair("БанковскийСчетКасса", "Catalog_БанковскиеСчета" if types[key].kind == "bank" else "Catalog_Кассы", key),
            "Валюта_Key": ref("currency", currency),
            "ДоговорКонтрагента_Key": ZERO_GUID,
            "СуммаBalance": number(round(amount * rate.on(currency, on), 2)),
            "СуммаВалBalance": number(amount),
        }
        for (key, currency), amount in sums.items()
        if amount
    ]


def owed_bp(company: Company, upto: date | None) -> list[Row]:
    """Accounts 60.01 and 60.21: what suppliers are owed, on the credit side."""
    return [
        {
            "Account_Key": ref("account", "60.01" if one.currency == company.currency else "60.21"),
            "Организация_Key": ref("organisation", one.organisation),
            "Валюта_Key": ZERO_GUID if one.currency == company.currency else ref("currency", one.currency),
            **pair("ExtDimension1", "Catalog_Контрагенты", ref("counterparty", f"supplier {one.supplier}")),
            **pair("ExtDimension2", "", ZERO_GUID),
            **pair("ExtDimension3", "Document_ПоступлениеТоваровУслуг", ref("delivery", one.name)),
            **sides(-round(left * one.rate, 2), ZERO if one.currency == company.currency else -left),
            "КоличествоBalance": 0,
        }
        for one, left in owed(company, upto)
    ]


def money_bp(company: Company, upto: date | None) -> list[Row]:
    """Accounts 50 (cash; the organisation's, there are no cash desks), 51 and 52 (bank accounts, the second in foreign money)."""
    known = {one.key: one for one in accounts(company)}
    rate = Rates(company.rates, company.currency)
    found: list[Row] = []
    for (account, currency), amount in positions(company, upto).items():
        one, is_home = known[account], currency == company.currency
        code = "50.01" if one.kind == "cash" else "51" if is_home else "52"
        entity = "" if one.kind == "cash" else "Catalog_БанковскиеСчета"
        found.append(
            {
                "Account_Key": ref("account", code),
                "Организация_Key": ref("organisation", one.organisation),
                "Валюта_Key": ZERO_GUID if is_home else ref("currency", currency),
                **pair("ExtDimension1", entity, account if entity else ZERO_GUID),
                **pair("ExtDimension2", "", ZERO_GUID),
                **pair("ExtDimension3", "", ZERO_GUID),
                **sides(round(amount * rate.on(currency, upto or company.today), 2), ZERO if is_home else amount),
                "КоличествоBalance": 0,
            }
        )
    return found


def sides(amount: Decimal, foreign: Decimal) -> Row:
    """A balance and its debit and credit, in the accounting currency and in the account's own."""
    return {
        "СуммаBalance": number(amount),
        "СуммаBalanceDr": number(max(amount, ZERO)),
        "СуммаBalanceCr": number(max(-amount, ZERO)),
        "ВалютнаяСуммаBalance": number(foreign),
        "ВалютнаяСуммаBalanceDr": number(max(foreign, ZERO)),
        "ВалютнаяСуммаBalanceCr": number(max(-foreign, ZERO)),
    }
