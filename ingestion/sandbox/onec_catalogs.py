"""Catalogues of the 1C base: who, what, where, in every profile's own names."""

from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_accounts import accounts
from ingestion.sandbox.onec_values import EMPTY_DATE, UNDEFINED, ZERO_GUID, Row, day, key, number, numbered, padded, pair, ref, whole
from ingestion.sandbox.people import Manager

CURRENCIES = {
    "RUB": ("643", "руб.", "Российский рубль"),
    "EUR": ("978", "EUR", "Евро"),
    "USD": ("840", "USD", "Доллар США"),
    "KZT": ("398", "KZT", "Тенге"),
}
SUPPLIERS = ("Завод Горизонт ООО", "Импорт-Поставка АО")
# Rates of cheap currencies are kept for a hundred units.
MULTIPLICITY = {"KZT": 100}


def catalog(identity: str, name: str, code: str | None = None, **fields: object) -> Row:
    """An item of a catalogue with the standard attributes; a catalogue without codes has none."""
    row: Row = {"Ref_Key": identity, "DataVersion": "", "DeletionMark": False, "Description": name}
    if code is not None:
        row["Code"] = code
    row.update({"Predefined": False, "PredefinedDataName": ""})
    row.update(fields)
    return row


def organisations(company: Company) -> list[Row]:
    """Catalog_Организации."""
    return [
        catalog(
            ref("organisation", one.number),
            one.name,
            f"00-{one.number:06d}",
            НаименованиеПолное=one.full_name,
            НаименованиеСокращенное=one.full_name,
            ИНН=padded(one.tax_id, 12),
            КПП=one.kpp,
            Префикс=one.prefix,
            ЮридическоеФизическоеЛицо="ЮридическоеЛицо",
        )
        for one in company.organisations
    ]


def currencies(company: Company) -> list[Row]:
    """Catalog_Валюты: the code is the number of ISO 4217, the name is whatever somebody typed."""
    del company
    return [
        catalog(
            ref("currency", letters),
            name,
            padded(code, 3),
            НаименованиеПолное=title,
            СпособУстановкиКурса="ЗагрузкаИзИнтернета",
        )
        for letters, (code, name, title) in CURRENCIES.items()
    ]


def currency_rates(company: Company) -> list[Row]:
    """InformationRegister_КурсыВалют: an independent register, flat rows; a rate is for `Кратность` units."""
    return [
        {
            "Period": day(one.day),
            "Валюта_Key": ref("currency", one.currency),
            "Курс": number(one.rate * MULTIPLICITY.get(one.currency, 1)),
            "Кратность": whole(MULTIPLICITY.get(one.currency, 1)),
        }
        for one in company.rates
    ]


def warehouses(company: Company, entity: str) -> list[Row]:
    """Catalog_Склады, or Catalog_СтруктурныеЕдиницы of УНФ, where departments stand among them."""
    found = []
    for one in company.warehouses:
        fields: Row = {"ТипСклада": "РозничныйМагазин" if one.is_shop else "ОптовыйСклад"}
        if entity == "Catalog_СтруктурныеЕдиницы":
            fields = {"ТипСтруктурнойЕдиницы": "Розница" if one.is_shop else "Склад", "Недействителен": False, "Parent_Key": ZERO_GUID}
        found.append(catalog(ref("warehouse", one.number), one.name, f"00-{one.number:06d}", **fields))
    if entity == "Catalog_СтруктурныеЕдиницы":
        found += [
            catalog(
                ref("department", name),
                name,
                f"01-{n:06d}",
                ТипСтруктурнойЕдиницы="Подразделение",
                Недействителен=False,
                Parent_Key=ZERO_GUID,
            )
            for n, name in enumerate(_department_names(company), 1)
        ]
    return found


def _department_names(company: Company) -> list[str]:
    return sorted({one.department for one in company.managers})


def departments(company: Company) -> list[Row]:
    """Catalog_СтруктураПредприятия (УТ) or Catalog_ПодразделенияОрганизаций (БП)."""
    return [
        catalog(ref("department", name), name, f"00-{n:06d}", Parent_Key=ZERO_GUID) for n, name in enumerate(_department_names(company), 1)
    ]


def _staff_contacts(one: Manager, owner: str) -> list[Row]:
    rows = [contact("АдресЭлектроннойПочты", one.email)] if one.email else []
    return numbered([*rows, contact("Телефон", one.extension)], owner)


def users(company: Company) -> list[Row]:
    """Catalog_Пользователи (no codes; the internal code is an attribute of the company's own)."""
    found = []
    for one in company.managers:
        owner = ref("manager", one.number)
        found.append(
            catalog(
                owner,
                one.onec_name,
                Недействителен=not one.is_active,
                Служебный=False,
                Подразделение_Key=ref("department", one.department),
                ФизическоеЛицо_Key=ref("person", one.number),
                ТабельныйНомер=one.code,
                КонтактнаяИнформация=_staff_contacts(one, owner),
            )
        )
    robot = catalog(ref("manager", "robot"), "odata.user", Недействителен=False, Служебный=True)
    robot.update({"Подразделение_Key": ZERO_GUID, "ФизическоеЛицо_Key": ZERO_GUID, "ТабельныйНомер": "", "КонтактнаяИнформация": []})
    return [*found, robot]


def employees(company: Company) -> list[Row]:
    """Catalog_Сотрудники of УНФ: the code is the internal code of the person."""
    return [
        catalog(
            ref("manager", one.number),
            one.onec_name,
            padded(one.code, 9),
            Parent_Key=ZERO_GUID,
            IsFolder=False,
            Недействителен=not one.is_active,
            Физлицо_Key=ref("person", one.number),
            КонтактнаяИнформация=_staff_contacts(one, ref("manager", one.number)),
        )
        for one in company.managers
    ]


def contact(kind: str, shown: str) -> Row:
    """A row of `КонтактнаяИнформация`."""
    is_mail, is_address = kind == "АдресЭлектроннойПочты", kind == "Адрес"
    return {
        "Тип": kind,
        "Вид_Key": ref("contact kind", kind),
        "Представление": shown,
        "ЗначенияПолей": "",
        "Страна": "РОССИЯ" if is_address else "",
        "Регион": "",
        "Город": shown.split(",")[0] if is_address else "",
        "АдресЭП": shown if is_mail else "",
        "ДоменноеИмяСервера": shown.split("@")[-1] if is_mail else "",
        "НомерТелефона": shown if kind == "Телефон" else "",
        "НомерТелефонаБезКодов": shown[-7:] if kind == "Телефон" else "",
        "ДействуетС": EMPTY_DATE,
        "Значение": "",
    }


def folder(identity: str, name: str, code: str, parent: str = ZERO_GUID) -> Row:
    """A folder of a hierarchical catalogue."""
    return catalog(identity, name, code, Parent_Key=parent, IsFolder=True)


UNITS = {"шт": ("796", "Штука"), "упак": ("778", "Упаковка"), "л": ("112", "Литр"), "усл": ("876", "Условная единица")}


def units(company: Company) -> list[Row]:
    """Units of measure."""
    del company
    return [catalog(ref("unit", name), name, padded(code, 4), НаименованиеПолное=title) for name, (code, title) in UNITS.items()]


def product_categories(company: Company) -> list[Row]:
    """The leaf groups once more, as the configuration's own category."""
    parents = {one.parent for one in company.groups}
    return [catalog(ref("category", one.number), one.name, f"00-{one.number:06d}") for one in company.groups if one.number not in parents]


def products(company: Company, profile: str) -> list[Row]:
    """Catalog_Номенклатура with its folders; attributes of items are null on folders."""
    own = {
        "ut": ("ТипНоменклатуры", "ТоварнаяКатегория_Key", "ВидНоменклатуры_Key"),
        "unf": ("ТипНоменклатуры", "КатегорияНоменклатуры_Key", "ЦеноваяГруппа_Key"),
        "bp": ("ВидСтавкиНДС", "НоменклатурнаяГруппа_Key", "ВидНоменклатуры_Key"),
    }[profile]
    found = []
    for one in company.products:
        kind = "Общая" if profile == "bp" else "Услуга" if one.is_service else "Товар" if profile == "ut" else "Запас"
        row = catalog(
            ref("product", one.number),
            one.name,
            one.code,
            Parent_Key=ref("folder", one.group),
            IsFolder=False,
            Артикул=padded(one.sku, 25) if one.sku else "",
            НаименованиеПолное=one.name,
            ЕдиницаИзмерения_Key=ref("unit", one.unit),
            СтавкаНДС_Key=ref("vat", one.vat_rate),
            Описание="",
        )
        row |= {own[0]: kind, own[1]: ref("category", one.group), own[2]: ref("product kind", one.is_service)}
        if profile == "bp":
            row["Услуга"] = one.is_service
        found.append(row)
    item_only = {name: None for name in found[0] if name not in catalog("", "", "") and name not in ("Parent_Key", "IsFolder")}
    folders = [
        {
            **folder(ref("folder", one.number), one.name, f"00-Г{one.number:05d}", key("folder", one.parent)),
            **item_only,
        }
        for one in company.groups
    ]
    return [*folders, *found]


def vat_rates(company: Company) -> list[Row]:
    """Catalog_СтавкиНДС."""
    rates = sorted({one.vat_rate for one in company.products})
    return [catalog(ref("vat", rate), f"{int(rate * 100)}%" if rate else "Без НДС", Ставка=number(rate * 100)) for rate in rates]


ARTICLES = {
    "customer_payment": "Поступление от покупателей",
    "customer_refund": "Возврат покупателям",
    "supplier_payment": "Оплата поставщикам",
    "own_transfer": "Перемещение денежных средств",
    "retail_cash": "Розничная выручка",
    "loan": "Кредиты и займы",
}


def cash_articles(company: Company) -> list[Row]:
    """Catalog_СтатьиДвиженияДенежныхСредств."""
    del company
    return [catalog(ref("article", name), title, f"00-{n:06d}", IsFolder=False) for n, (name, title) in enumerate(ARTICLES.items(), 1)]


def bank_accounts(company: Company, profile: str) -> list[Row]:
    """Catalog_БанковскиеСчета: the owner is an organisation or a counterparty, told by the type beside it.

    УТ has a catalogue of the organisations' accounts alone, without codes (Catalog_БанковскиеСчетаОрганизаций).
    """
    found = []
    for place, one in enumerate((one for one in accounts(company) if one.kind == "bank"), 1):
        owner = ref("organisation", one.organisation)
        fields: Row = {"Owner_Key": owner} if profile == "ut" else pair("Owner", "Catalog_Организации", owner)
        fields |= {"НомерСчета": f"4070281000000000{place:04d}", "ВалютаДенежныхСредств_Key": ref("currency", one.currency)}
        found.append(catalog(one.key, one.name, None if profile == "ut" else f"00-{place:06d}", **fields))
    if profile != "ut":
        owned = pair("Owner", "Catalog_Контрагенты", ref("counterparty", "supplier 1"))
        owned |= {"НомерСчета": "40702810000000009999", "ВалютаДенежныхСредств_Key": ref("currency", "RUB")}
        found.append(catalog(ref("account", "supplier 1"), "Основной счет поставщика", "00-009999", **owned))
    return found


def cash_desks(company: Company, profile: str) -> list[Row]:
    """Catalog_Кассы."""
    currency = "ВалютаПоУмолчанию_Key" if profile == "unf" else "ВалютаДенежныхСредств_Key"
    return [
        catalog(
            one.key,
            one.name,
            f"00-{one.organisation:06d}",
            Owner_Key=ref("organisation", one.organisation),
            **{currency: ref("currency", one.currency)},
        )
        for one in accounts(company)
        if one.kind == "cash"
    ]


def key_catalogs(company: Company) -> dict[str, list[Row]]:
    """УТ's catalogues of analytics keys, behind which the sales register hides products and customers."""
    product_keys = [
        catalog(
            ref("product key", one.number),
            one.name,
            Номенклатура_Key=ref("product", one.number),
            Характеристика_Key=ZERO_GUID,
            МестоХранения="",
            МестоХранения_Type=UNDEFINED,
        )
        for one in company.products
    ]
    partner_keys = [
        catalog(
            ref("partner key", card.id, organisation.number),
            card.name,
            Партнер_Key=ref("partner", card.parent),
            Организация_Key=ref("organisation", organisation.number),
            **pair("Контрагент", "Catalog_Контрагенты", ref("counterparty", card.id)),
            Договор_Key=ZERO_GUID,
        )
        for card in company.cards_of("onec")
        if card.kind == "counterparty"
        for organisation in company.organisations
    ]
    partner_keys += [
        catalog(
            ref("partner key", f"supplier {number}", organisation.number),
            name,
            Партнер_Key=ref("partner", f"supplier {number}"),
            Организация_Key=ref("organisation", organisation.number),
            **pair("Контрагент", "Catalog_Контрагенты", ref("counterparty", f"supplier {number}")),
            Договор_Key=ZERO_GUID,
        )
        for number, name in enumerate(SUPPLIERS, 1)
        for organisation in company.organisations
    ]
    return {"Catalog_КлючиАналитикиУчетаНоменклатуры": product_keys, "Catalog_КлючиАналитикиУчетаПоПартнерам": partner_keys}
