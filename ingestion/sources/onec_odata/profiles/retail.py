"""1С:Розница 2: receipts and the shop's report of the day; buyers are mostly unnamed."""

from ingestion.sources.onec_odata.profiles.spec import STAFF_MARKS, EntitySpec, Profile, catalog, document

_LINES = {
    "lines": ("Товары",),
    "lines.product": ("Номенклатура",),
    "lines.quantity": ("Количество",),
    "lines.price": ("Цена",),
    "lines.amount": ("Сумма",),
    "lines.seller": ("Продавец",),
}

RETAIL = Profile(
    configuration="retail",
    title="1С:Розница",
    entities={
        "organisations": catalog("Catalog_Организации"),
        "currencies": catalog("Catalog_Валюты"),
        "warehouses": catalog("Catalog_Склады", "Catalog_Магазины"),
        "managers": catalog("Catalog_Пользователи", **STAFF_MARKS),
        "counterparties": catalog("Catalog_Контрагенты", city=("_city",)),
        "products": catalog("Catalog_Номенклатура", sku=("Артикул",)),
        "product_categories": catalog("Catalog_ВидыНоменклатуры", "Catalog_ТоварныеКатегории"),
        "units": catalog("Catalog_УпаковкиЕдиницыИзмерения", "Catalog_ЕдиницыИзмерения"),
        "cash_articles": catalog("Catalog_СтатьиДвиженияДенежныхСредств"),
        "cash_receipts": document("Document_ПриходныйКассовыйОрдер"),
        "cash_payments": document("Document_РасходныйКассовыйОрдер"),
        "card_operations": document("Document_ОперацияПоПлатежнойКарте", "Document_ОперацияПоПлатежнымКартам"),
        "retail_receipts": document("Document_ЧекККМ", **_LINES, operation=("ВидОперации",), payments=("Оплата",)),
        "retail_returns": document("Document_ЧекККМВозврат", **_LINES),
        "retail_reports": document("Document_ОтчетОРозничныхПродажах", **_LINES, returned=("ВозвращенныеТовары",)),
        "sales_register": EntitySpec(("AccumulationRegister_Продажи",)),
        "stock_balance": EntitySpec(("AccumulationRegister_ТоварыНаСкладах",)),
    },
    recorders=("retail_reports", "retail_receipts", "retail_returns"),
    needs=(("retail_receipts", "retail_reports", "sales_register"),),
    signature=("Document_ЧекККМ", "Catalog_Магазины"),
)
