"""1С:Управление нашей фирмой 1.6 and 3.0.

Warehouses and departments share one catalog; managers are employees; returns from customers are a kind of the goods receipt
(`ВидОперации`), which is also the supplier's receipt, so the whole document type is read and staging tells them apart.
"""

from ingestion.sources.onec_odata.profiles.spec import STAFF_MARKS, EntitySpec, Profile, catalog, document

_LINES = {
    "lines": ("Запасы",),
    "lines.product": ("Номенклатура",),
    "lines.quantity": ("Количество",),
    "lines.price": ("Цена",),
    "lines.amount": ("Сумма",),
    "lines.vat": ("СуммаНДС",),
    "lines.total": ("Всего",),
}
_DEAL = {
    "customer": ("Контрагент",),
    "contract": ("Договор",),
    "currency": ("ВалютаДокумента",),
    "manager": ("Ответственный",),
    "department": ("СтруктурнаяЕдиница", "Подразделение"),
    "operation": ("ВидОперации",),
}
_MONEY = {
    "customer": ("Контрагент",),
    "currency": ("ВалютаДенежныхСредств", "ВалютаДокумента"),
    "operation": ("ВидОперации",),
    "article": ("Статья",),
    "splits": ("РасшифровкаПлатежа",),
    "splits.order": ("Заказ",),
    "splits.amount": ("СуммаПлатежа",),
}

UNF = Profile(
    configuration="unf",
    title="1С:Управление нашей фирмой",
    entities={
        "organisations": catalog("Catalog_Организации"),
        "currencies": catalog("Catalog_Валюты"),
        "currency_rates": EntitySpec(("InformationRegister_КурсыВалют", "InformationRegister_ОтносительныеКурсыВалют")),
        "warehouses": catalog("Catalog_СтруктурныеЕдиницы", kind=("ТипСтруктурнойЕдиницы",)),
        "managers": catalog("Catalog_Сотрудники", **STAFF_MARKS),
        "counterparties": catalog("Catalog_Контрагенты", manager=("Ответственный",), city=("_city",)),
        "contracts": catalog("Catalog_ДоговорыКонтрагентов"),
        "products": catalog("Catalog_Номенклатура", category=("КатегорияНоменклатуры",), sku=("Артикул",)),
        "product_categories": catalog("Catalog_КатегорииНоменклатуры"),
        "units": catalog("Catalog_КлассификаторЕдиницИзмерения", "Catalog_ЕдиницыИзмерения"),
        "cash_articles": catalog("Catalog_СтатьиДвиженияДенежныхСредств"),
        "bank_accounts": catalog("Catalog_БанковскиеСчета", currency=("ВалютаДенежныхСредств",)),
        "cash_desks": catalog("Catalog_Кассы", currency=("ВалютаПоУмолчанию", "ВалютаДенежныхСредств")),
        "tills": catalog("Catalog_КассыККМ", currency=("ВалютаДенежныхСредств",)),
        "leads": catalog("Catalog_Лиды", state=("СостояниеЛида",), origin=("ИсточникПривлечения",)),
        "orders": document(
            "Document_ЗаказПокупателя",
            required=("customer", "amount"),
            **_DEAL,
            **_LINES,
            status=("СостояниеЗаказа",),
            completion=("ВариантЗавершения",),
            payment_schedule=("ПлатежныйКалендарь",),
            channel=("_channel",),
        ),
        "shipments": document("Document_РасходнаяНакладная", required=("customer", "amount"), **_DEAL, **_LINES, order=("Заказ",)),
        "returns": document("Document_ПриходнаяНакладная", **_DEAL, **_LINES, order=("Заказ",)),
        "bank_receipts": document("Document_ПоступлениеНаСчет", **_MONEY),
        "bank_payments": document("Document_РасходСоСчета", **_MONEY),
        "cash_receipts": document("Document_ПоступлениеВКассу", **_MONEY),
        "cash_payments": document("Document_РасходИзКассы", **_MONEY),
        "card_operations": document("Document_ОперацияПоПлатежнымКартам", "Document_ОперацияПоПлатежнойКарте", **_MONEY),
        "money_transfers": document("Document_ПеремещениеДС", currency=("ВалютаДенежныхСредств", "ВалютаДокумента")),
        "retail_receipts": document("Document_ЧекККМ", **_LINES, payments=("БезналичнаяОплата",)),
        "retail_returns": document("Document_ЧекККМВозврат", **_LINES, receipt=("ЧекККМ",)),
        "retail_reports": document("Document_ОтчетОРозничныхПродажах", **_LINES),
        "phone_calls": document("Document_ТелефонныйЗвонок", amount=None, organisation=None),
        "events": document("Document_Событие", amount=None, organisation=None, kind=("ТипСобытия",), manager=("Ответственный",)),
        "sales_register": EntitySpec(
            ("AccumulationRegister_Продажи",),
            {
                "product": ("Номенклатура",),
                "customer": ("Контрагент",),
                "quantity": ("Количество",),
                "revenue": ("Сумма",),
                "vat": ("СуммаНДС",),
                "cost": ("Себестоимость",),
                "manager": ("Ответственный",),
            },
        ),
        "receivables_balance": EntitySpec(("AccumulationRegister_РасчетыСПокупателями",)),
        "payables_balance": EntitySpec(("AccumulationRegister_РасчетыСПоставщиками",)),
        "stock_balance": EntitySpec(("AccumulationRegister_ЗапасыНаСкладах", "AccumulationRegister_Запасы")),
        "till_balance": EntitySpec(("AccumulationRegister_ДенежныеСредстваВКассахККМ",)),
        "receivables_opening_balance": EntitySpec(("AccumulationRegister_РасчетыСПокупателями",)),
        # one register for accounts and cash desks
        "cash_opening_balance": EntitySpec(("AccumulationRegister_ДенежныеСредства",)),
    },
    recorders=("shipments", "returns", "retail_reports", "retail_receipts", "retail_returns"),
    needs=(("counterparties",), ("orders", "shipments", "sales_register", "retail_receipts", "retail_reports")),
    signature=("Catalog_СтруктурныеЕдиницы", "Document_ЗаказПокупателя", "Document_РасходнаяНакладная", "ChartOfAccounts_Управленческий"),
)
