"""1С:Бухгалтерия предприятия 3.0: no orders, no managers, no sales register; balances come from the accounting register.

Sales come from the documents, or, with `sales_from = "accounts"`, from the entries of account 90: these know the cost, and what was sold by
hand-made operations, commission reports and corrections.
"""

from dataclasses import replace

from ingestion.sources.onec_odata.profiles.spec import STAFF_MARKS, EntitySpec, Profile, catalog, document

_LINES = {
    "lines": ("Товары",),
    "lines.product": ("Номенклатура",),
    "lines.quantity": ("Количество",),
    "lines.price": ("Цена",),
    "lines.amount": ("Сумма",),
    "lines.vat": ("СуммаНДС",),
    "services": ("Услуги",),
}
_DEAL = {
    "customer": ("Контрагент",),
    "contract": ("ДоговорКонтрагента",),
    "currency": ("ВалютаДокумента",),
    "manager": ("Ответственный",),
    "warehouse": ("Склад",),
    "operation": ("ВидОперации",),
}
_MONEY = {
    "customer": ("Контрагент",),
    "currency": ("ВалютаДокумента",),
    "operation": ("ВидОперации",),
    "article": ("СтатьяДвиженияДенежныхСредств",),
    "splits": ("РасшифровкаПлатежа",),
    "splits.amount": ("СуммаПлатежа",),
}

BP = Profile(
    configuration="bp",
    title="1С:Бухгалтерия предприятия",
    entities={
        "organisations": catalog("Catalog_Организации"),
        "currencies": catalog("Catalog_Валюты"),
        "currency_rates": EntitySpec(("InformationRegister_КурсыВалют", "InformationRegister_ОтносительныеКурсыВалют")),
        "warehouses": catalog("Catalog_Склады"),
        "departments": catalog("Catalog_ПодразделенияОрганизаций"),
        "managers": catalog("Catalog_Пользователи", **STAFF_MARKS),
        "counterparties": catalog("Catalog_Контрагенты", tax_id=("ИНН",), city=("_city",)),
        "contracts": catalog("Catalog_ДоговорыКонтрагентов"),
        "products": catalog("Catalog_Номенклатура", category=("НоменклатурнаяГруппа",), sku=("Артикул",)),
        "product_categories": catalog("Catalog_НоменклатурныеГруппы"),
        "units": catalog("Catalog_КлассификаторЕдиницИзмерения", "Catalog_ЕдиницыИзмерения"),
        "cash_articles": catalog("Catalog_СтатьиДвиженияДенежныхСредств"),
        "bank_accounts": catalog("Catalog_БанковскиеСчета", currency=("ВалютаДенежныхСредств",)),
        "orders": document("Document_СчетНаОплатуПокупателю", **_DEAL, **_LINES, channel=("_channel",)),
        "shipments": document(
            "Document_РеализацияТоваровУслуг", required=("customer", "amount"), **_DEAL, **_LINES, invoice=("СчетНаОплатуПокупателю",)
        ),
        "returns": document("Document_ВозвратТоваровОтПокупателя", **_DEAL, **_LINES),
        "bank_receipts": document("Document_ПоступлениеНаРасчетныйСчет", **_MONEY),
        "bank_payments": document("Document_СписаниеСРасчетногоСчета", **_MONEY),
        "cash_receipts": document("Document_ПриходныйКассовыйОрдер", **_MONEY),
        "cash_payments": document("Document_РасходныйКассовыйОрдер", **_MONEY),
        "card_operations": document("Document_ОперацияПоПлатежнойКарте", "Document_ОперацияПоПлатежнымКартам", **_MONEY),
        "retail_reports": document("Document_ОтчетОРозничныхПродажах", **_LINES),
        "receivables_balance": EntitySpec(("AccountingRegister_Хозрасчетный",), accounts=("62.",)),
        "payables_balance": EntitySpec(("AccountingRegister_Хозрасчетный",), accounts=("60.",)),
        "stock_balance": EntitySpec(("AccountingRegister_Хозрасчетный",), accounts=("41.", "43")),
        "receivables_opening_balance": EntitySpec(("AccountingRegister_Хозрасчетный",), accounts=("62.",)),
        "bank_opening_balance": EntitySpec(("AccountingRegister_Хозрасчетный",), accounts=("51", "52")),
        "cash_opening_balance": EntitySpec(("AccountingRegister_Хозрасчетный",), accounts=("50",)),
    },
    recorders=(),
    needs=(("counterparties",), ("shipments", "orders", "bank_receipts")),
    signature=("ChartOfAccounts_Хозрасчетный", "Document_СчетНаОплатуПокупателю"),
)

BP_OF_ACCOUNTS = replace(
    BP, entities={**BP.entities, "sales_register": EntitySpec(("AccountingRegister_Хозрасчетный",), accounts=("90.",))}
)
