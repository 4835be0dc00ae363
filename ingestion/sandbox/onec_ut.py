"""Documents and registers of УТ 11, КА 2 and ERP 2, as their demo base shows them (8.5; ut11_8.5_odata_fields)."""

from datetime import date

from ingestion.sandbox import onec_buyers as buyers
from ingestion.sandbox import onec_catalogs as catalogs
from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_money_registers import money_ut, owed_ut
from ingestion.sandbox.onec_movements import ZERO, Movement, debts, sale_movements
from ingestion.sandbox.onec_ut_money import ORDER, PAYMENT_ENTITIES, REPORT, RETURN, SHIPMENT, document, goods, payment, retail
from ingestion.sandbox.onec_values import EMPTY_DATE, ZERO_GUID, Row, day, key, number, numbered, pair, ref, stamp, unavailable, whole
from ingestion.sandbox.trade import Order, Return, Shipment

REGISTER = "AccumulationRegister_ВыручкаИСебестоимостьПродаж"
STATUSES = {"open": "КОбеспечению", "shipped": "КОтгрузке", "closed": "Закрыт", "cancelled": "Закрыт"}
STAGES = {"advance": "АвансДоОбеспечения", "prepayment": "ПредоплатаДоОтгрузки", "credit": "КредитПослеОтгрузки"}


def _parties(one: Order | Shipment | Return, vat_inside: bool, company: Company) -> Row:
    return {
        "Партнер_Key": ref("partner", one.partner),
        "Контрагент_Key": ref("counterparty", one.counterparty),
        "Организация_Key": ref("organisation", one.organisation),
        "Соглашение_Key": ZERO_GUID,
        "Сделка_Key": ZERO_GUID,
        "Договор_Key": ref("contract", one.counterparty),
        "Валюта_Key": ref("currency", one.currency),
        "СуммаДокумента": number(sum(line.amount for line in one.lines if not line.is_cancelled)),
        "Склад_Key": ref("warehouse", one.warehouse),
        "ЦенаВключаетНДС": vat_inside,
        "НалогообложениеНДС": "ПродажаОблагаетсяНДС",
        "Менеджер_Key": ref("manager", one.manager),
        "Подразделение_Key": ref("department", company.manager[one.manager].department),
        "Комментарий": "",
    }


def order(one: Order, company: Company) -> Row:
    """Document_ЗаказКлиента."""
    owner, vat_inside = ref("order", one.number), one.organisation == 1
    stages: list[Row] = [
        {
            "ВариантОплаты": STAGES[stage.kind],
            "ДатаПлатежа": day(stage.due_on),
            "ПроцентПлатежа": stage.percent,
            "СуммаПлатежа": number(stage.amount),
            "Сдвиг": whole(0),
            "ВариантОтсчета": "",
        }
        for stage in one.stages
    ]
    return {
        **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
        **_parties(one, vat_inside, company),
        **pair("ДокументОснование", "", ZERO_GUID),
        "Статус": STATUSES[one.status],
        "МаксимальныйКодСтроки": whole(len(one.lines)),
        "ДатаСогласования": day(one.at.date()),
        "Согласован": one.is_posted,
        "ФормаОплаты": "",
        "ДатаОтгрузки": day(one.ship_by),
        "ХозяйственнаяОперация": "РеализацияКлиенту",
        "НомерПоДаннымКлиента": "",
        "ДатаПоДаннымКлиента": EMPTY_DATE,
        "ПорядокРасчетов": "ПоЗаказам",
        "ВремяДоставкиС": "0001-01-01T09:00:00" if one.channel == "site" else EMPTY_DATE,
        "НазначениеПлатежа": "",
        "ИдентификаторПлатежа": "",
        "ЭтоЗаказКакСчет": False,
        "НомерСделкиCRM": one.deal_reference,
        "КаналЗаказа": one.channel,
        **unavailable("Автор", ref("author", one.manager), "Справочник.ВнешниеПользователи"),
        "Товары": goods(one.lines, vat_inside, owner, one.warehouse, None, company, is_document=False),
        "ЭтапыГрафикаОплаты": numbered(stages, owner),
        "ДополнительныеРеквизиты": [],
    }


def shipment(one: Shipment, company: Company) -> Row:
    """Document_РеализацияТоваровУслуг."""
    owner, vat_inside = ref("shipment", one.number), one.organisation == 1
    ordered = None if one.order is None else ref("order", one.order)
    is_own = company.customer[one.customer].organisation is not None
    return {
        **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
        **_parties(one, vat_inside, company),
        **pair("ЗаказКлиента", ORDER, ordered or ZERO_GUID),
        "РеализацияПоЗаказам": ordered is not None,
        "Статус": "Отгружено",
        "ХозяйственнаяОперация": "РеализацияТоваровВДругуюОрганизацию" if is_own else "РеализацияКлиенту",
        "ДатаПереходаПраваСобственности": EMPTY_DATE,
        "ВалютаВзаиморасчетов_Key": ref("currency", one.currency),
        "СуммаВзаиморасчетов": number(sum(line.amount for line in one.lines)),
        "КурсЧислитель": number(one.rate),
        "КурсЗнаменатель": 1,
        "Товары": goods(one.lines, vat_inside, owner, one.warehouse, ordered, company, is_document=True),
        "ЭтапыГрафикаОплаты": [],
    }


def take_back(one: Return, company: Company) -> Row:
    """Document_ВозвратТоваровОтКлиента."""
    owner, vat_inside = ref("return", one.number), one.organisation == 1
    ordered = None if one.order is None else ref("order", one.order)
    return {
        **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
        **_parties(one, vat_inside, company),
        **pair("ДокументРеализации", SHIPMENT, ref("shipment", one.shipment)),
        "ПричинаВозврата": one.reason,
        "Статус": "КВыполнению",
        "ХозяйственнаяОперация": "ВозвратТоваровОтКлиента",
        "КурсЧислитель": number(one.rate),
        "КурсЗнаменатель": 1,
        "Товары": goods(one.lines, vat_inside, owner, one.warehouse, ordered, company, is_document=True),
    }


RECORDERS = {"shipment": SHIPMENT, "return": RETURN, "report": REPORT}


def recorder(name: tuple[str, object]) -> Row:
    """The Recorder pair of a register; УТ's month closing is not published, so its type has no name."""
    kind, identity = name
    if kind == "closing":
        return unavailable("Recorder", ref("closing", identity), "Документ.РасчетСебестоимостиТоваров")
    return {"Recorder": ref(kind, identity), "Recorder_Type": f"StandardODATA.{RECORDERS[kind]}"}


def _movement(one: Movement, company: Company) -> Row:
    kind, identity = one.document
    is_own = company.customer[one.customer].organisation is not None
    sale = "РеализацияТоваровВДругуюОрганизацию" if is_own else "РеализацияКлиенту"
    operations = {"shipment": sale, "return": "ВозвратТоваровОтКлиента", "report": "РеализацияВРозницу"}
    return {
        **recorder(one.recorder),
        "Period": stamp(one.at),
        "LineNumber": whole(one.line),
        "Active": one.is_active,
        "АналитикаУчетаНоменклатуры_Key": ref("product key", one.product),
        **pair("ЗаказКлиента", ORDER, key("order", one.order)),
        "АналитикаУчетаПоПартнерам_Key": ref("partner key", one.counterparty, one.organisation),
        "Подразделение_Key": ref("department", company.manager[one.manager].department),
        "Менеджер_Key": ref("manager", one.manager),
        **pair("Склад", "Catalog_Склады", ref("warehouse", one.warehouse)),
        "ХозяйственнаяОперация": operations[kind],
        "Количество": number(one.quantity),
        "СуммаВыручки": number(one.revenue),
        "СуммаВыручкиБезНДС": number(one.revenue - one.vat),
        "Стоимость": number(one.cost),
        "СтоимостьБезНДС": number(one.cost),
        "ДопРасходы": 0,
        "ДопРасходыБезНДС": 0,
        "СуммаРучнойСкидки": 0,
        "СуммаАвтоматическойСкидки": 0,
        **pair("ДокументДвижения", RECORDERS[kind], ref(kind, identity)),
        "РасчетНеЗавершен": False,
        "Сторно": False,
        **pair("Партия", "", ZERO_GUID),
    }


def record_sets(rows: list[Row]) -> list[Row]:
    """Flat rows gathered by recorder: the register's own entity."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["Recorder"], row["Recorder_Type"]), []).append(row)
    return [{"Recorder": guid, "Recorder_Type": kind, "RecordSet": group} for (guid, kind), group in found.items()]


def entities(company: Company) -> dict[str, list[Row]]:
    """Every published entity set of the УТ base with its rows."""
    register = [_movement(one, company) for one in sale_movements(company)]
    by_kind = {kind: [payment(one) for one in company.payments if one.kind == kind] for kind in PAYMENT_ENTITIES}
    claims = []
    for one in company.claims:
        row = catalogs.catalog(ref("claim", one.number), f"Претензия {one.number}", one.code)
        row |= {
            "Партнер_Key": ref("partner", one.partner),
            "Ответственный_Key": ref("manager", one.manager),
            "ДатаРегистрации": stamp(one.at),
            "ДатаОкончания": day(one.resolved_on),
            "Статус": {
                "registered": "Зарегистрирована",
                "in_work": "Обрабатывается",
                "satisfied": "Удовлетворена",
                "rejected": "НеУдовлетворена",
            }[one.status],
            "ПричинаВозникновения": one.reason,
            "ТипПретензии": {"claim": "Претензия", "return": "Возврат", "discrepancy": "Расхождение"}[one.kind],
            "СуммаПретензии": number(one.amount),
            **pair("ЗаказКлиента", ORDER, key("order", one.order)),
        }
        claims.append(row)
    return {
        "Catalog_Организации": catalogs.organisations(company),
        "Catalog_Валюты": catalogs.currencies(company),
        "InformationRegister_КурсыВалют": catalogs.currency_rates(company),
        "Catalog_Склады": catalogs.warehouses(company, "Catalog_Склады"),
        "Catalog_СтруктураПредприятия": catalogs.departments(company),
        "Catalog_Пользователи": catalogs.users(company),
        "Catalog_Партнеры": buyers.partners(company),
        "Catalog_Контрагенты": buyers.counterparties(company, "ut"),
        "Catalog_ДоговорыКонтрагентов": buyers.contracts(company, "ut"),
        "Catalog_Номенклатура": catalogs.products(company, "ut"),
        "Catalog_ТоварныеКатегории": catalogs.product_categories(company),
        **catalogs.key_catalogs(company),
        "Catalog_УпаковкиЕдиницыИзмерения": catalogs.units(company),
        "Catalog_СтавкиНДС": catalogs.vat_rates(company),
        "Catalog_СтатьиДвиженияДенежныхСредств": catalogs.cash_articles(company),
        "Catalog_БанковскиеСчетаОрганизаций": catalogs.bank_accounts(company, "ut"),
        "Catalog_Кассы": catalogs.cash_desks(company, "ut"),
        "Catalog_ПретензииКлиентов": claims,
        ORDER: [order(one, company) for one in company.orders],
        SHIPMENT: [shipment(one, company) for one in company.shipments],
        RETURN: [take_back(one, company) for one in company.returns],
        **{PAYMENT_ENTITIES[kind]: rows for kind, rows in by_kind.items()},
        **retail(company),
        REGISTER: record_sets(register),
        f"{REGISTER}_RecordType": register,
    }


def balances(company: Company, upto: date | None = None) -> dict[str, list[Row]]:
    """Rows behind the virtual tables Balance."""
    settlements = []
    for one in debts(company, upto):
        kind, identity = one.about
        about = pair("ЗаказКлиента", {"order": ORDER, "shipment": SHIPMENT}.get(kind, PAYMENT_ENTITIES["bank_in"]), ref(kind, identity))
        settlements.append(
            {
                "АналитикаУчетаПоПартнерам_Key": ref("partner key", one.counterparty, one.organisation),
                **about,
                "Валюта_Key": ref("currency", one.currency),
                "СуммаBalance": number(one.amount),
                "КОплатеBalance": number(max(one.amount, ZERO)),
                "КОтгрузкеBalance": 0,
            }
        )
    stock: list[Row] = [
        {
            "Номенклатура_Key": ref("product", one.product),
            "Характеристика_Key": ZERO_GUID,
            "Назначение_Key": ZERO_GUID,
            "Склад_Key": ref("warehouse", one.warehouse),
            "Помещение_Key": ZERO_GUID,
            "Серия_Key": ZERO_GUID,
            "ВНаличииBalance": number(one.quantity),
            "КОтгрузкеBalance": 0,
        }
        for one in company.stock
    ]
    return {
        "AccumulationRegister_РасчетыСКлиентами": settlements,
        "AccumulationRegister_ТоварыНаСкладах": stock,
        "AccumulationRegister_РасчетыСПоставщикамиПоСрокам": owed_ut(company, upto),
        "AccumulationRegister_ДенежныеСредстваБезналичные": money_ut(company, "bank", "БанковскийСчет_Key", upto),
        "AccumulationRegister_ДенежныеСредстваНаличные": money_ut(company, "cash", "Касса_Key", upto),
    }
