"""1С:Управление торговлей 11, Комплексная автоматизация 2, ERP 2, and 1С:CRM on the same base: one family of names.

The customer is the partner; counterparties are its legal entities. Rows of the sales register name product and partner through key
catalogs, so those are streams too. Managers are users, not employees.
"""

from dataclasses import replace

from ingestion.sources.onec_odata.profiles.spec import STAFF_MARKS, EntitySpec, Fields, Profile, catalog, document

_LINES = {
    "lines": ("Товары",),
    "lines.product": ("Номенклатура",),
    "lines.quantity": ("Количество",),
    "lines.price": ("Цена",),
    "lines.amount": ("Сумма",),
    "lines.vat": ("СуммаНДС",),
    "lines.total": ("СуммаСНДС",),
}
_DEAL = {
    "partner": ("Партнер",),
    "customer": ("Контрагент",),
    "contract": ("Договор",),
    "currency": ("Валюта",),
    "manager": ("Менеджер",),
    "warehouse": ("Склад",),
    "department": ("Подразделение",),
    "operation": ("ХозяйственнаяОперация",),
    "status": ("Статус",),
    "payment_schedule": ("ЭтапыГрафикаОплаты",),
}
_MONEY = {
    "partner": ("Партнер",),
    "customer": ("Контрагент",),
    "currency": ("Валюта",),
    "operation": ("ХозяйственнаяОперация",),
    "splits": ("РасшифровкаПлатежа",),
    "splits.order": ("Заказ",),
    "splits.amount": ("Сумма",),
}

_CLAIM: Fields = {"partner": ("Партнер",), "customer": ("Контрагент",), "manager": ("Менеджер",), "status": ("Статус",)}

_OPPORTUNITY: Fields = {
    "partner": ("Партнер",),
    "manager": ("Ответственный",),
    "status": ("Статус",),
    "started": ("ДатаНачала",),
    "finished": ("ДатаОкончания",),
    "amount": ("_amount",),
}
"""A deal; nothing public tells the fields of 1С:CRM's interest beyond its date, number, subject and partner, so all can be mapped."""

UT = Profile(
    configuration="ut",
    title="1С:Управление торговлей",
    entities={
        "organisations": catalog("Catalog_Организации"),
        "currencies": catalog("Catalog_Валюты"),
        "currency_rates": EntitySpec(("InformationRegister_КурсыВалют", "InformationRegister_ОтносительныеКурсыВалют")),
        "warehouses": catalog("Catalog_Склады"),
        "departments": catalog("Catalog_СтруктураПредприятия"),
        "managers": catalog("Catalog_Пользователи", **STAFF_MARKS),
        "partners": catalog("Catalog_Партнеры", manager=("ОсновнойМенеджер",), region=("БизнесРегион",), city=("_city",)),
        "counterparties": catalog("Catalog_Контрагенты", partner=("Партнер",), tax_id=("ИНН",), city=("_city",)),
        "contracts": catalog("Catalog_ДоговорыКонтрагентов"),
        "products": catalog("Catalog_Номенклатура", category=("ТоварнаяКатегория",), sku=("Артикул",)),
        "product_categories": catalog("Catalog_ТоварныеКатегории", "Catalog_ВидыНоменклатуры"),
        "product_keys": catalog("Catalog_КлючиАналитикиУчетаНоменклатуры", product=("Номенклатура",)),
        "partner_keys": catalog("Catalog_КлючиАналитикиУчетаПоПартнерам", partner=("Партнер",), customer=("Контрагент",)),
        "units": catalog("Catalog_УпаковкиЕдиницыИзмерения", "Catalog_ЕдиницыИзмерения"),
        "cash_articles": catalog("Catalog_СтатьиДвиженияДенежныхСредств"),
        "bank_accounts": catalog("Catalog_БанковскиеСчетаОрганизаций", currency=("ВалютаДенежныхСредств",)),
        "cash_desks": catalog("Catalog_Кассы", currency=("ВалютаДенежныхСредств",)),
        "tills": catalog("Catalog_КассыККМ", currency=("ВалютаДенежныхСредств",)),
        "deals": catalog("Catalog_СделкиСКлиентами", **_OPPORTUNITY),
        "orders": document("Document_ЗаказКлиента", required=("partner", "amount"), **_DEAL, **_LINES, channel=("_channel",)),
        "shipments": document(
            "Document_РеализацияТоваровУслуг", required=("partner", "amount"), **_DEAL, **_LINES, order=("ЗаказКлиента",)
        ),
        "returns": document("Document_ВозвратТоваровОтКлиента", **_DEAL, **_LINES, shipment=("ДокументРеализации",)),
        "bank_receipts": document("Document_ПоступлениеБезналичныхДенежныхСредств", **_MONEY),
        "bank_payments": document("Document_СписаниеБезналичныхДенежныхСредств", **_MONEY),
        "cash_receipts": document("Document_ПриходныйКассовыйОрдер", **_MONEY),
        "cash_payments": document("Document_РасходныйКассовыйОрдер", **_MONEY),
        "card_operations": document("Document_ОперацияПоПлатежнойКарте", "Document_ОперацияПоПлатежнымКартам", **_MONEY),
        "retail_receipts": document("Document_ЧекККМ", **_LINES),
        "retail_returns": document("Document_ЧекККМВозврат", **_LINES, receipt=("ЧекККМ",)),
        "retail_reports": document("Document_ОтчетОРозничныхПродажах", **_LINES),
        "claims": EntitySpec(
            ("Catalog_ПретензииКлиентов", "Document_ПретензияКлиента", "Document_Претензия"),
            {
                "partner": ("Партнер",),
                "status": ("Статус",),
                "reason": ("ПричинаВозникновения", "ПричинаПретензии"),
                "claim_type": ("_claim_type",),
            },
        ),
        # what the buyer found short or broken, and what he asks to take back (also in self-service); the act has no sum of its own
        "discrepancy_acts": document("Document_АктОРасхожденияхПослеОтгрузки", amount=None, **_CLAIM),
        "return_requests": document("Document_ЗаявкаНаВозвратТоваровОтКлиента", **_CLAIM),
        "phone_calls": document("Document_ТелефонныйЗвонок", amount=None, organisation=None),
        "events": document("Document_Встреча", amount=None, organisation=None),
        "sales_register": EntitySpec(
            ("AccumulationRegister_ВыручкаИСебестоимостьПродаж",),
            {
                "product_key": ("АналитикаУчетаНоменклатуры",),
                "partner_key": ("АналитикаУчетаПоПартнерам",),
                "quantity": ("Количество",),
                "revenue": ("СуммаВыручки",),
                "revenue_without_vat": ("СуммаВыручкиБезНДС",),
                "cost": ("СтоимостьБезНДС",),
                "manager": ("Менеджер",),
                "order": ("ЗаказКлиента",),
            },
        ),
        "receivables_balance": EntitySpec(("AccumulationRegister_РасчетыСКлиентами",)),
        "payables_balance": EntitySpec(
            ("AccumulationRegister_РасчетыСПоставщикамиПоСрокам", "AccumulationRegister_РасчетыСПоставщикамиПоДокументам")
        ),
        "stock_balance": EntitySpec(("AccumulationRegister_ТоварыНаСкладах",)),
        "till_balance": EntitySpec(("AccumulationRegister_ДенежныеСредстваВКассахККМ",)),
        "receivables_opening_balance": EntitySpec(("AccumulationRegister_РасчетыСКлиентами",)),
        "bank_opening_balance": EntitySpec(("AccumulationRegister_ДенежныеСредстваБезналичные",)),
        "cash_opening_balance": EntitySpec(("AccumulationRegister_ДенежныеСредстваНаличные",)),
    },
    recorders=("shipments", "returns", "retail_reports", "retail_receipts", "retail_returns"),
    needs=(("partners", "counterparties"), ("orders", "shipments", "sales_register", "retail_reports")),
    signature=("Catalog_Партнеры", "Document_ЗаказКлиента", "AccumulationRegister_ВыручкаИСебестоимостьПродаж"),
)

KA = replace(UT, configuration="ka", title="1С:Комплексная автоматизация")
ERP = replace(UT, configuration="erp", title="1С:ERP Управление предприятием")
CRM = replace(
    UT,
    configuration="crm",
    title="1С:CRM",
    entities={
        **UT.entities,
        "leads": catalog(
            "Catalog_CRM_ПотенциальныеКлиенты",
            created=("ДатаСоздания",),
            closed=("ДатаЗакрытия",),
            completion=("ВариантЗавершения",),
            manager=("Ответственный",),
            customer=("Контрагент",),
        ),
        "deals": EntitySpec(("Document_CRM_Интерес", "Catalog_СделкиСКлиентами"), {"name": ("Description",), **_OPPORTUNITY}),
        "events": document(
            "Document_CRM_Взаимодействие",
            "Document_Встреча",
            amount=None,
            organisation=None,
            kind=("ТипСобытия", "ВидВзаимодействия"),
            customer=("Контрагент",),
            manager=("Ответственный", "Автор"),
        ),
    },
    needs=(("partners", "counterparties"), ("orders", "shipments", "sales_register", "deals", "leads")),
    signature=("Document_CRM_Интерес",),
)
