"""Documents of Бухгалтерия предприятия 3.0: no orders, no managers' sales register; debts live in the accounting register."""

from datetime import date
from decimal import Decimal

from ingestion.sandbox import onec_buyers as buyers
from ingestion.sandbox import onec_catalogs as catalogs
from ingestion.sandbox.company import Company
from ingestion.sandbox.goods import StockRow
from ingestion.sandbox.onec_accounts import account_key
from ingestion.sandbox.onec_money_registers import money_bp, owed_bp, sides
from ingestion.sandbox.onec_movements import ZERO, debts, report_lines
from ingestion.sandbox.onec_ut_money import document
from ingestion.sandbox.onec_values import ZERO_GUID, Row, day, key, number, numbered, pair, ref, stamp, whole
from ingestion.sandbox.trade import Line, Order, Payment, Return, Shipment

INVOICE, SHIPMENT, RETURN, REPORT = (
    "Document_СчетНаОплатуПокупателю",
    "Document_РеализацияТоваровУслуг",
    "Document_ВозвратТоваровОтПокупателя",
    "Document_ОтчетОРозничныхПродажах",
)
ACCOUNTING = "AccountingRegister_Хозрасчетный"
PAYMENT_ENTITIES = {
    "bank_in": "Document_ПоступлениеНаРасчетныйСчет",
    "bank_out": "Document_СписаниеСРасчетногоСчета",
    "cash_in": "Document_ПриходныйКассовыйОрдер",
    "cash_out": "Document_РасходныйКассовыйОрдер",
    "card": "Document_ОперацияПоПлатежнойКарте",
}
OPERATIONS = {
    "customer_payment": "ОплатаПокупателя",
    "customer_refund": "ВозвратПокупателю",
    "supplier_payment": "ОплатаПоставщику",
    "own_transfer": "ПереводНаДругойСчет",
    "retail_cash": "РозничнаяВыручка",
    "loan": "РасчетыПоКредитамИЗаймам",
}
ACCOUNTS = {
    "41.01": "Товары на складах",
    "50.01": "Касса организации",
    "51": "Расчетные счета",
    "52": "Валютные счета",
    "60.01": "Расчеты с поставщиками и подрядчиками",
    "60.21": "Расчеты с поставщиками и подрядчиками (в валюте)",
    "62.01": "Расчеты с покупателями и заказчиками",
    "62.02": "Расчеты по авансам полученным",
    "90.01": "Выручка",
    "90.01.1": "Выручка по деятельности с основной системой налогообложения",
    "90.02": "Себестоимость продаж",
    "90.02.1": "Себестоимость продаж по деятельности с основной системой налогообложения",
    "90.03": "Налог на добавленную стоимость",
    "90.09": "Прибыль / убыток от продаж",
}


def vat_name(rate: Decimal) -> str:
    """БП's enum of VAT rates."""
    return f"НДС{int(rate * 100)}" if rate else "БезНДС"


def _rows(lines: tuple[Line, ...], vat_inside: bool, owner: str, company: Company, services: bool) -> list[Row]:
    rows: list[Row] = []
    for line in lines:
        product = company.product[line.product]
        if line.is_cancelled or product.is_service != services:
            continue
        rows.append(
            {
                "Номенклатура_Key": ref("product", line.product),
                **({"Содержание": product.name} if services else {"ЕдиницаИзмерения_Key": ref("unit", product.unit), "Коэффициент": 1}),
                "Количество": number(line.quantity),
                "Цена": number(line.price if vat_inside else round(line.price / (1 + product.vat_rate), 2)),
                "Сумма": number(line.amount if vat_inside else line.amount - line.vat),
                "СтавкаНДС": vat_name(product.vat_rate),
                "СуммаНДС": number(line.vat),
                "СчетУчета_Key": ref("account", "41.01"),
                **pair("Субконто", "Catalog_НоменклатурныеГруппы", ref("category", product.group)),
            }
        )
    return numbered(rows, owner)


def _invoice_rows(one: Order, vat_inside: bool, owner: str, company: Company) -> list[Row]:
    """Lines of an invoice: goods and services in one table, the product as a composite reference."""
    rows: list[Row] = []
    for line in one.lines:
        if line.is_cancelled:
            continue
        product = company.product[line.product]
        rows.append(
            {
                **pair("Номенклатура", "Catalog_Номенклатура", ref("product", line.product)),
                "Содержание": product.name,
                "Количество": number(line.quantity),
                "Цена": number(line.price if vat_inside else round(line.price / (1 + product.vat_rate), 2)),
                "СуммаСкидки": number(line.discount),
                "Сумма": number(line.amount if vat_inside else line.amount - line.vat),
                "СтавкаНДС": vat_name(product.vat_rate),
                "СуммаНДС": number(line.vat),
            }
        )
    return numbered(rows, owner)


def _header(one: Order | Shipment | Return, vat_inside: bool) -> Row:
    return {
        "Организация_Key": ref("organisation", one.organisation),
        "Склад_Key": ref("warehouse", one.warehouse),
        "Контрагент_Key": ref("counterparty", one.counterparty),
        "ДоговорКонтрагента_Key": ref("contract", one.counterparty),
        "ВалютаДокумента_Key": ref("currency", one.currency),
        "КурсВзаиморасчетов": number(one.rate),
        "КратностьВзаиморасчетов": whole(1),
        "СуммаВключаетНДС": vat_inside,
        "СуммаДокумента": number(sum(line.amount for line in one.lines if not line.is_cancelled)),
        "Ответственный_Key": ref("manager", one.manager),
        "Комментарий": "",
        "КодВидаТранспорта": "  ",
    }


def invoice(one: Order, company: Company) -> Row:
    """Document_СчетНаОплатуПокупателю: the nearest thing to an order."""
    owner, vat_inside = ref("order", one.number), one.organisation == 1
    return {
        **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
        **_header(one, vat_inside),
        "СрокОплаты": day(one.stages[-1].due_on if one.stages else None),
        "НомерСделкиCRM": one.deal_reference,
        "КаналЗаказа": one.channel,
        "Товары": _invoice_rows(one, vat_inside, owner, company),
    }


def shipment(one: Shipment, company: Company) -> Row:
    """Document_РеализацияТоваровУслуг: goods and services apart."""
    owner, vat_inside = ref("shipment", one.number), one.organisation == 1
    goods, services = _rows(one.lines, vat_inside, owner, company, False), _rows(one.lines, vat_inside, owner, company, True)
    return {
        **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
        **_header(one, vat_inside),
        "ВидОперации": "ТоварыУслуги" if goods and services else "Услуги" if services else "Товары",
        "СчетНаОплатуПокупателю_Key": key("order", one.order),
        "Товары": goods,
        "Услуги": services,
        "АгентскиеУслуги": [],
        "ВозвратнаяТара": [],
        "ЗачетАвансов": [],
    }


def take_back(one: Return, company: Company) -> Row:
    """Document_ВозвратТоваровОтПокупателя."""
    owner, vat_inside = ref("return", one.number), one.organisation == 1
    return {
        **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
        **_header(one, vat_inside),
        "ВидОперации": "ВозвратОтПокупателя",
        **pair("ДокументОтгрузки", SHIPMENT, ref("shipment", one.shipment)),
        "Товары": _rows(one.lines, vat_inside, owner, company, False),
    }


def payment(one: Payment) -> Row:
    """A bank, cash or card document; the counterparty of a bank document is a composite reference."""
    owner = ref("payment", one.number)
    card = ref("counterparty", "supplier 1") if one.operation == "supplier_payment" else key("counterparty", one.counterparty)
    rows: list[Row] = [
        {
            "ДоговорКонтрагента_Key": key("contract", one.counterparty),
            "СуммаПлатежа": number(split.amount),
            "КурсВзаиморасчетов": number(one.rate),
            "КратностьВзаиморасчетов": whole(1),
            "СуммаВзаиморасчетов": number(split.amount),
            "СтавкаНДС": "НДС20",
            "СпособПогашенияЗадолженности": "ПоДокументу" if split.order else "Автоматически",
            "СчетНаОплату_Key": key("order", split.order),
            "СтатьяДвиженияДенежныхСредств_Key": ref("article", one.operation),
        }
        for split in one.splits
    ]
    # receipts come from the bank's statement: dated by its day, and not there before the bank has the money
    moment = one.at if one.bank_on is None else one.at + (one.bank_on - one.at.date())
    is_posted = one.is_posted and (one.is_conducted or one.kind != "bank_in")
    row: Row = {
        **document(owner, one.code, stamp(moment), is_posted, one.is_marked),
        "Организация_Key": ref("organisation", one.organisation),
        "ВидОперации": OPERATIONS[one.operation],
        "ДоговорКонтрагента_Key": key("contract", one.counterparty),
        "ВалютаДокумента_Key": ref("currency", one.currency),
        "СуммаДокумента": number(one.amount),
        "НазначениеПлатежа": one.purpose,
        "СтатьяДвиженияДенежныхСредств_Key": ref("article", one.operation),
        "РасшифровкаПлатежа": numbered(rows, owner),
    }
    if one.kind.startswith("bank"):
        row |= pair("Контрагент", "Catalog_Контрагенты", card)
        row |= {
            "СчетОрганизации_Key": account_key("bank", one.organisation, one.currency),
            "НомерВходящегоДокумента": str(one.number),
            "ДатаВходящегоДокумента": day(one.bank_on),
        }
        if one.kind == "bank_out":
            row["ПроведеноБанком"] = one.is_conducted
    else:
        row["Контрагент_Key"] = card
    return row


def reports(company: Company) -> list[Row]:
    """Document_ОтчетОРозничныхПродажах."""
    found = []
    for one in company.reports:
        owner = ref("report", one.number)
        lines = report_lines(company, one)
        sold, back = tuple(line for gone, line in lines if not gone), tuple(line for gone, line in lines if gone)
        found.append(
            {
                **document(owner, one.code, stamp(one.at), True, False),
                "ВидОперации": "ОтчетККМОПродажах",
                "Организация_Key": ref("organisation", one.organisation),
                "Склад_Key": ref("warehouse", one.warehouse),
                "ВалютаДокумента_Key": ref("currency", "RUB"),
                "СуммаВключаетНДС": True,
                "СуммаДокумента": number(sum(line.amount for line in sold)),
                "СуммаВозвратов": number(sum(line.amount for line in back)),
                "Ответственный_Key": ref("manager", one.manager),
                "Товары": _rows(sold, True, owner, company, False),
                "Услуги": _rows(sold, True, owner, company, True),
                "ВозвращенныеТовары": _rows(back, True, owner, company, False),
            }
        )
    return found


def entities(company: Company) -> dict[str, list[Row]]:
    """Every published entity set of the БП base with its rows."""
    accounts = [catalogs.catalog(ref("account", code), name, code, Parent_Key=ZERO_GUID) for code, name in ACCOUNTS.items()]
    return {
        "Catalog_Организации": catalogs.organisations(company),
        "Catalog_Валюты": catalogs.currencies(company),
        "InformationRegister_КурсыВалют": catalogs.currency_rates(company),
        "Catalog_Склады": catalogs.warehouses(company, "Catalog_Склады"),
        "Catalog_ПодразделенияОрганизаций": catalogs.departments(company),
        "Catalog_Пользователи": catalogs.users(company),
        "Catalog_Контрагенты": buyers.counterparties(company, "bp"),
        "Catalog_ДоговорыКонтрагентов": buyers.contracts(company, "bp"),
        "Catalog_Номенклатура": catalogs.products(company, "bp"),
        "Catalog_НоменклатурныеГруппы": catalogs.product_categories(company),
        "Catalog_КлассификаторЕдиницИзмерения": catalogs.units(company),
        "Catalog_СтатьиДвиженияДенежныхСредств": catalogs.cash_articles(company),
        "Catalog_БанковскиеСчета": catalogs.bank_accounts(company, "bp"),
        "ChartOfAccounts_Хозрасчетный": accounts,
        INVOICE: [invoice(one, company) for one in company.orders],
        SHIPMENT: [shipment(one, company) for one in company.shipments],
        RETURN: [take_back(one, company) for one in company.returns],
        **{entity: [payment(one) for one in company.payments if one.kind == kind] for kind, entity in PAYMENT_ENTITIES.items()},
        REPORT: reports(company),
    }


def balances(company: Company, upto: date | None = None) -> dict[str, list[Row]]:
    """Balances of accounts 62 (debts and advances of buyers) and 41.01 (goods)."""
    found: list[Row] = []
    for one in debts(company, upto):
        kind, identity = one.about
        about = pair("ExtDimension3", {"order": INVOICE, "shipment": SHIPMENT}.get(kind, PAYMENT_ENTITIES["bank_in"]), ref(kind, identity))
        found.append(
            {
                "Account_Key": ref("account", "62.01" if one.base > 0 else "62.02"),
                "Организация_Key": ref("organisation", one.organisation),
                "Валюта_Key": ref("currency", one.currency),
                **pair("ExtDimension1", "Catalog_Контрагенты", ref("counterparty", one.counterparty)),
                **pair("ExtDimension2", "Catalog_ДоговорыКонтрагентов", ref("contract", one.counterparty)),
                **about,
                **sides(one.base, ZERO),
                "КоличествоBalance": 0,
            }
        )
    return {ACCOUNTING: [*found, *owed_bp(company, upto), *money_bp(company, upto), *(_stock(row) for row in company.stock)]}


def _stock(row: StockRow) -> Row:
    return {
        "Account_Key": ref("account", "41.01"),
        "Организация_Key": ref("organisation", 1),
        "Валюта_Key": ZERO_GUID,
        **pair("ExtDimension1", "Catalog_Номенклатура", ref("product", row.product)),
        **pair("ExtDimension2", "Catalog_Склады", ref("warehouse", row.warehouse)),
        **pair("ExtDimension3", "", ZERO_GUID),
        **sides(row.cost, ZERO),
        "КоличествоBalance": number(row.quantity),
    }
