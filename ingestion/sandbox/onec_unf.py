"""Documents and registers of УНФ (Управление нашей фирмой)."""

from datetime import date

from ingestion.sandbox import onec_buyers as buyers
from ingestion.sandbox import onec_catalogs as catalogs
from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_accounts import account_key, supplies, transfers
from ingestion.sandbox.onec_money_registers import money_unf, owed_unf
from ingestion.sandbox.onec_movements import Movement, debts, sale_movements
from ingestion.sandbox.onec_unf_money import ORDER, PAYMENT_ENTITIES, RECEIPT, REPORT, SHIPMENT, goods, payment, retail
from ingestion.sandbox.onec_ut import record_sets
from ingestion.sandbox.onec_ut_money import document
from ingestion.sandbox.onec_values import ZERO_GUID, Row, day, key, number, numbered, pair, ref, stamp, whole
from ingestion.sandbox.trade import Order, Return, Shipment

REGISTER = "AccumulationRegister_Продажи"
STATES = {"open": "В работе", "shipped": "Отгружен", "closed": "Завершен", "cancelled": "Завершен"}


def _header(one: Order | Shipment | Return, vat_inside: bool) -> Row:
    return {
        "Организация_Key": ref("organisation", one.organisation),
        "Контрагент_Key": ref("counterparty", one.counterparty),
        "Договор_Key": ref("contract", one.counterparty),
        "СуммаДокумента": number(sum(line.amount for line in one.lines if not line.is_cancelled)),
        "ВалютаДокумента_Key": ref("currency", one.currency),
        "Курс": number(one.rate),
        "Кратность": whole(1),
        "СуммаВключаетНДС": vat_inside,
        "НалогообложениеНДС": "ОблагаетсяНДС",
        "СтруктурнаяЕдиница_Key": ref("warehouse", one.warehouse),
        "Ответственный_Key": ref("manager", one.manager),
        "Комментарий": "",
    }


def order(one: Order, company: Company) -> Row:
    """Document_ЗаказПокупателя: lines in `Запасы`, the schedule in `ПлатежныйКалендарь`; cancelled lines are simply not there."""
    owner, vat_inside = ref("order", one.number), one.organisation == 1
    calendar: list[Row] = [
        {"ДатаОплаты": day(stage.due_on), "ПроцентОплаты": stage.percent, "СуммаОплаты": number(stage.amount), "СуммаНДСОплаты": 0}
        for stage in one.stages
    ]
    ends = {"cancelled": "Отменен", "closed": "Успешно"}
    return {
        **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
        **_header(one, vat_inside),
        "ВидОперации": "ЗаказНаПродажу",
        "СостояниеЗаказа_Key": ref("order state", STATES[one.status]),
        "ВариантЗавершения": ends.get(one.status, ""),
        "Закрыт": one.status in ends,
        "ДатаОтгрузки": day(one.ship_by),
        "ДатаИзменения": stamp(one.changed_at),
        "НомерВходящегоДокумента": "",
        "НомерСделкиCRM": one.deal_reference,
        "КаналЗаказа": one.channel,
        "ДокументОснование": "",
        "ДокументОснование_Type": "StandardODATA.Undefined",
        "Запасы": goods(one.lines, vat_inside, owner, None, company),
        "ПлатежныйКалендарь": numbered(calendar, owner),
        "ДополнительныеРеквизиты": [],
    }


def shipment(one: Shipment, company: Company) -> Row:
    """Document_РасходнаяНакладная."""
    owner, vat_inside = ref("shipment", one.number), one.organisation == 1
    ordered = ZERO_GUID if one.order is None else ref("order", one.order)
    return {
        **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
        **_header(one, vat_inside),
        "ВидОперации": "ПродажаПокупателю",
        **pair("Заказ", ORDER, ordered),
        **pair("ДокументОснование", ORDER, ordered),
        "Запасы": goods(one.lines, vat_inside, owner, ordered, company),
    }


def take_back(one: Return, company: Company) -> Row:
    """Document_ПриходнаяНакладная as a return from a customer."""
    owner, vat_inside = ref("return", one.number), one.organisation == 1
    ordered = ZERO_GUID if one.order is None else ref("order", one.order)
    return {
        **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
        **_header(one, vat_inside),
        "ВидОперации": "ВозвратОтПокупателя",
        **pair("Заказ", ORDER, ordered),
        **pair("ДокументОснование", SHIPMENT, ref("shipment", one.shipment)),
        "ПричинаВозврата": one.reason,
        "Запасы": goods(one.lines, vat_inside, owner, ordered, company),
    }


def supplier_receipts(company: Company) -> list[Row]:
    """Document_ПриходнаяНакладная as a supplier's delivery: the same document type as returns."""
    found = []
    for index, one in enumerate(supplies(company)):
        owner = ref("delivery", one.name)
        product = company.products[index % len(company.products)]
        line: Row = {
            "Номенклатура_Key": ref("product", product.number),
            "Характеристика_Key": ZERO_GUID,
            "Количество": 1,
            **pair("ЕдиницаИзмерения", "Catalog_КлассификаторЕдиницИзмерения", ref("unit", product.unit)),
            "Цена": number(one.amount),
            "Сумма": number(one.amount),
            "СтавкаНДС_Key": ref("vat", product.vat_rate),
            "СуммаНДС": 0,
            "Всего": number(one.amount),
            **pair("Заказ", ORDER, ZERO_GUID),
        }
        found.append(
            {
                **document(owner, one.code, stamp(one.at), True, False),
                "Организация_Key": ref("organisation", one.organisation),
                "Контрагент_Key": ref("counterparty", f"supplier {one.supplier}"),
                "Договор_Key": ZERO_GUID,
                "СуммаДокумента": number(one.amount),
                "ВалютаДокумента_Key": ref("currency", one.currency),
                "Курс": number(one.rate),
                "Кратность": whole(1),
                "СуммаВключаетНДС": True,
                "НалогообложениеНДС": "ОблагаетсяНДС",
                "СтруктурнаяЕдиница_Key": ref("warehouse", 1),
                "Ответственный_Key": ref("manager", company.managers[-1].number),
                "Комментарий": "",
                "ВидОперации": "ПоступлениеОтПоставщика",
                **pair("Заказ", ORDER, ZERO_GUID),
                **pair("ДокументОснование", SHIPMENT, ZERO_GUID),
                "ПричинаВозврата": "",
                "Запасы": numbered([line], owner),
            }
        )
    return found


def money_transfers(company: Company) -> list[Row]:
    """Document_ПеремещениеДС: from the cash desk to the bank account, one document for both sides."""
    return [
        {
            **document(ref("transfer", one.number), f"ПД-{one.number:06d}", stamp(one.at), True, False),
            "Организация_Key": ref("organisation", one.organisation),
            "ТипДенежныхСредств": "Наличные",
            "ТипДенежныхСредствПолучатель": "Безналичные",
            "Касса_Key": account_key("cash", one.organisation, company.currency),
            "КассаПолучатель_Key": ZERO_GUID,
            "БанковскийСчет_Key": ZERO_GUID,
            "БанковскийСчетПолучатель_Key": account_key("bank", one.organisation, company.currency),
            "ВалютаДенежныхСредств_Key": ref("currency", company.currency),
            "СуммаДокумента": number(one.amount),
            "Комментарий": "",
        }
        for one in transfers(company)
    ]


RECORDERS = {"shipment": SHIPMENT, "return": RECEIPT, "report": REPORT, "closing": "Document_ЗакрытиеМесяца"}


def _movement(one: Movement) -> Row:
    (kind, identity), (about, document_id) = one.recorder, one.document
    return {
        "Recorder": ref(kind, identity),
        "Recorder_Type": f"StandardODATA.{RECORDERS[kind]}",
        "Period": stamp(one.at),
        "LineNumber": whole(one.line),
        "Active": one.is_active,
        "Организация_Key": ref("organisation", one.organisation),
        "Номенклатура_Key": ref("product", one.product),
        "Характеристика_Key": ZERO_GUID,
        "Контрагент_Key": ref("counterparty", one.counterparty),
        "Ответственный_Key": ref("manager", one.manager),
        **pair("ЗаказПокупателя", ORDER, key("order", one.order)),
        **pair("Документ", RECORDERS[about], ref(about, document_id)),
        "Количество": number(one.quantity),
        "Сумма": number(one.revenue),
        "СуммаНДС": number(one.vat),
        "Себестоимость": number(one.cost),
    }


def entities(company: Company) -> dict[str, list[Row]]:
    """Every published entity set of the УНФ base with its rows."""
    movements = list(sale_movements(company))
    register = [_movement(one) for one in movements]
    closings = {one.recorder: one for one in movements if one.recorder[0] == "closing"}
    returns = [take_back(one, company) for one in company.returns]
    return {
        "Catalog_Организации": catalogs.organisations(company),
        "Catalog_Валюты": catalogs.currencies(company),
        "InformationRegister_КурсыВалют": catalogs.currency_rates(company),
        "Catalog_СтруктурныеЕдиницы": catalogs.warehouses(company, "Catalog_СтруктурныеЕдиницы"),
        "Catalog_Сотрудники": catalogs.employees(company),
        "Catalog_Контрагенты": buyers.counterparties(company, "unf"),
        "Catalog_ДоговорыКонтрагентов": buyers.contracts(company, "unf"),
        "Catalog_Номенклатура": catalogs.products(company, "unf"),
        "Catalog_КатегорииНоменклатуры": catalogs.product_categories(company),
        "Catalog_КлассификаторЕдиницИзмерения": catalogs.units(company),
        "Catalog_СтавкиНДС": catalogs.vat_rates(company),
        "Catalog_СтатьиДвиженияДенежныхСредств": catalogs.cash_articles(company),
        "Catalog_БанковскиеСчета": catalogs.bank_accounts(company, "unf"),
        "Catalog_Кассы": catalogs.cash_desks(company, "unf"),
        "Catalog_СостоянияЗаказовПокупателей": [
            catalogs.catalog(ref("order state", name), name, f"00-{n:06d}") for n, name in enumerate(dict.fromkeys(STATES.values()), 1)
        ],
        "Catalog_Лиды": buyers.leads(company),
        "Catalog_СостоянияЛидов": buyers.lead_states(company),
        "Catalog_ИсточникиПривлеченияПокупателей": buyers.origins(company),
        "ChartOfAccounts_Управленческий": [catalogs.catalog(ref("account 62"), "Расчеты с покупателями", "62")],
        ORDER: [order(one, company) for one in company.orders],
        SHIPMENT: [shipment(one, company) for one in company.shipments],
        RECEIPT: [*returns, *supplier_receipts(company)],
        **{entity: [payment(one) for one in company.payments if one.kind == kind] for kind, entity in PAYMENT_ENTITIES.items()},
        "Document_ПеремещениеДС": money_transfers(company),
        **retail(company),
        "Document_ЗакрытиеМесяца": [
            document(ref(*name), f"ЗМ-{n:06d}", stamp(one.at), True, False) | {"Организация_Key": ref("organisation", one.organisation)}
            for n, (name, one) in enumerate(closings.items(), 1)
        ],
        REGISTER: record_sets(register),
        f"{REGISTER}_RecordType": register,
    }


def balances(company: Company, upto: date | None = None) -> dict[str, list[Row]]:
    """Rows behind the virtual tables Balance."""
    settlements = []
    for one in debts(company, upto):
        kind, identity = one.about
        settlements.append(
            {
                "Организация_Key": ref("organisation", one.organisation),
                "ТипРасчетов": "Долг" if one.amount > 0 else "Аванс",
                "Контрагент_Key": ref("counterparty", one.counterparty),
                "Договор_Key": ref("contract", one.counterparty),
                **pair(
                    "Документ",
                    SHIPMENT if kind == "shipment" else PAYMENT_ENTITIES["bank_in"],
                    ref(kind, identity) if kind != "order" else ZERO_GUID,
                ),
                **pair("Заказ", ORDER, ref("order", identity) if kind == "order" else ZERO_GUID),
                "СуммаBalance": number(one.base),
                "СуммаВалBalance": number(one.amount),
            }
        )
    stock: list[Row] = [
        {
            "Организация_Key": ref("organisation", 1),
            "СтруктурнаяЕдиница_Key": ref("warehouse", one.warehouse),
            "Номенклатура_Key": ref("product", one.product),
            "Характеристика_Key": ZERO_GUID,
            "Партия_Key": ZERO_GUID,
            "Ячейка_Key": ZERO_GUID,
            "КоличествоBalance": number(one.quantity),
        }
        for one in company.stock
    ]
    return {
        "AccumulationRegister_РасчетыСПокупателями": settlements,
        "AccumulationRegister_ЗапасыНаСкладах": stock,
        "AccumulationRegister_РасчетыСПоставщиками": owed_unf(company, upto),
        "AccumulationRegister_ДенежныеСредства": money_unf(company, upto),
    }
