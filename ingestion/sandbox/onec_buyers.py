"""Catalogues of buyers, and of those who might become buyers, in every profile's own names."""

from ingestion.sandbox.company import Company
from ingestion.sandbox.generate.cards import onec_code
from ingestion.sandbox.onec_catalogs import SUPPLIERS, catalog, contact, folder
from ingestion.sandbox.onec_values import EMPTY_DATE, ZERO_GUID, Row, key, numbered, ref, stamp
from ingestion.sandbox.people import Card


def _contacts(card: Card, owner: str) -> list[Row]:
    rows = [contact("Телефон", phone) for phone in card.phones] + [contact("АдресЭлектроннойПочты", mail) for mail in card.emails]
    return numbered([*rows, *([contact("Адрес", f"{card.city}, ул. Речная, дом 7")] if card.city else [])], owner)


def partners(company: Company) -> list[Row]:
    """Catalog_Партнеры (УТ, КА, ERP): the customer as such."""
    found = []
    for card in company.cards_of("onec"):
        if card.kind == "partner":
            owner = ref("partner", card.id)
            row = catalog(
                owner,
                card.name,
                onec_code(card.id),
                Parent_Key=ZERO_GUID,
                НаименованиеПолное=card.name,
                ЮрФизЛицо="Компания" if company.customer[card.customer].kind == "company" else "ЧастноеЛицо",
                Клиент=True,
                Поставщик=False,
                ОсновнойМенеджер_Key=key("manager", card.manager),
                БизнесРегион_Key=ZERO_GUID,
                ДатаРегистрации=stamp(card.created_at),
                КонтактнаяИнформация=_contacts(card, owner),
            )
            row["DeletionMark"] = card.is_deleted
            found.append(row)
    return [*found, *(_supplier_partner(n, name) for n, name in enumerate(SUPPLIERS, 1))]


def _supplier_partner(index: int, name: str) -> Row:
    return catalog(
        ref("partner", f"supplier {index}"),
        name,
        f"09-{index:08d}",
        Parent_Key=ZERO_GUID,
        НаименованиеПолное=name,
        ЮрФизЛицо="Компания",
        Клиент=False,
        Поставщик=True,
        ОсновнойМенеджер_Key=ZERO_GUID,
        БизнесРегион_Key=ZERO_GUID,
        ДатаРегистрации=EMPTY_DATE,
        КонтактнаяИнформация=[],
    )


def counterparties(company: Company, profile: str) -> list[Row]:
    """Catalog_Контрагенты: flat and without codes in УТ, a hierarchy with folders in УНФ and БП."""
    flat = profile == "ut"
    found = [] if flat else [folder(ref("counterparty", "folder"), "Покупатели", "00-Г00001")]
    for card in company.cards_of("onec"):
        if card.kind != "counterparty":
            continue
        owner, person = ref("counterparty", card.id), company.customer[card.customer].kind == "person"
        own: Row = {
            "НаименованиеПолное": f'ООО "{card.name[:-4]}"' if card.name.endswith(" ООО") else card.name,
            "ЮридическоеФизическоеЛицо": "ФизическоеЛицо" if person or card.name.startswith("ИП ") else "ЮридическоеЛицо",
            "ИНН": card.tax_id,
            "КПП": card.kpp,
            "КодПоОКПО": "",
            "ГоловнойКонтрагент_Key": ref("counterparty", card.parent) if card.parent != card.id else owner,
            "КонтактнаяИнформация": _contacts(card, owner),
        }
        if flat:
            own |= {"Партнер_Key": ref("partner", card.parent), "ЮрФизЛицо": "ФизЛицо" if person else "ЮрЛицо", "ИсторияКПП": []}
        else:
            own |= {"Parent_Key": ref("counterparty", "folder"), "IsFolder": False}
        if profile == "unf":
            own |= {
                "ВидКонтрагента": own["ЮридическоеФизическоеЛицо"],
                "Покупатель": True,
                "Поставщик": False,
                "Недействителен": False,
                "Ответственный_Key": key("manager", card.manager),
                "ДатаСоздания": stamp(card.created_at),
            }
        row = catalog(owner, card.name, None if flat else onec_code(card.id), **own)
        row["DeletionMark"] = card.is_deleted
        found.append(row)
    model = found[-1]
    for index, name in enumerate(SUPPLIERS, 1):
        row = dict(model)
        row |= {
            "Ref_Key": ref("counterparty", f"supplier {index}"),
            "Description": name,
            "НаименованиеПолное": name,
            "ИНН": f"00990000{index}0",
        }
        row |= {"КонтактнаяИнформация": [], "ГоловнойКонтрагент_Key": row["Ref_Key"], "DeletionMark": False}
        row |= {"Партнер_Key": ref("partner", f"supplier {index}"), "ЮрФизЛицо": "ЮрЛицо"} if flat else {"Code": f"09-{index:08d}"}
        if profile == "unf":
            row |= {"Покупатель": False, "Поставщик": True, "Ответственный_Key": ZERO_GUID}
        found.append(row)
    return found


def contracts(company: Company, profile: str) -> list[Row]:
    """Catalog_ДоговорыКонтрагентов: one with every counterparty."""
    found = []
    for card in company.cards_of("onec"):
        if card.kind == "counterparty":
            owner = ref("counterparty", card.id)
            fields: Row = {"Контрагент_Key": owner, "Партнер_Key": ref("partner", card.parent)} if profile == "ut" else {"Owner_Key": owner}
            fields |= {
                "ВидДоговора": "СПокупателем",
                "Организация_Key": ref("organisation", 1),
                "Дата": stamp(card.created_at),
                "Номер": f"{card.id}/1",
                "СрокДействия": EMPTY_DATE,
                "ВалютаВзаиморасчетов_Key": ref("currency", "RUB"),
            }
            found.append(catalog(ref("contract", card.id), "Основной договор", f"00-{card.id:08d}", **fields))
    return found


def leads(company: Company) -> list[Row]:
    """Catalog_Лиды of УНФ."""
    found = []
    for one in company.leads:
        if one.system != "onec":
            continue
        owner = ref("lead", one.number)
        state = {"open": "НовыйЛид", "converted": "Успешно", "lost": "Неуспешно"}[one.status]
        rows = [contact("Телефон", one.phone)] if one.phone else []
        found.append(
            catalog(
                owner,
                one.person_name,
                f"00-{one.crm_id:06d}",
                НаименованиеКомпании="",
                Тема=one.title,
                Вид="Лид",
                ДатаСоздания=stamp(one.created_at),
                ДатаЗакрытия=stamp(one.closed_at) if one.closed_at else EMPTY_DATE,
                СостояниеЛида_Key=ref("lead state", state),
                ВариантЗавершения="" if one.status == "open" else state,
                ИсточникПривлечения_Key=key("origin", one.origin.crm_source or None),
                Ответственный_Key=key("manager", one.manager),
                Контрагент_Key=ZERO_GUID,
                КонтактнаяИнформация=numbered(rows, owner),
            )
        )
    return found


def lead_states(company: Company) -> list[Row]:
    """Catalog_СостоянияЛидов."""
    del company
    return [catalog(ref("lead state", name), name, f"00-{n:06d}") for n, name in enumerate(("НовыйЛид", "Успешно", "Неуспешно"), 1)]


def origins(company: Company) -> list[Row]:
    """Catalog_ИсточникиПривлеченияПокупателей."""
    names = sorted({one.origin.crm_source for one in company.leads if one.origin.crm_source})
    return [catalog(ref("origin", name), name, f"00-{n:06d}") for n, name in enumerate(names, 1)]
