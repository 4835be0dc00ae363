"""The company's books as EnterpriseData messages: orders, shipments, returns and bank payments, references as key properties.

Shapes are those of version 1.8.6. Catalogs are sent for goods and most buyers; some buyers come in references only, some references have no
guid. A second message deletes one document and changes another.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_values import ref
from ingestion.sandbox.trade import Line, Order, Payment, Return, Shipment

VERSION = "1.8"
SENDER, RECEIVER = "ЦБ", "SK"
CODES = {"RUB": "643", "USD": "840", "EUR": "978"}


def message_file(folder: Path) -> Path:
    """Where 1C puts what it sends us."""
    return folder / f"Message_{SENDER}_{RECEIVER}.xml"


def write_message(path: Path, number: int, bodies: Iterable[str], formed: datetime) -> Path:
    """One message with these objects."""
    space = f"http://v8.1c.ru/edi/edi_stnd/EnterpriseData/{VERSION}"
    header = (
        f"<msg:Header><msg:Format>{space}</msg:Format><msg:CreationDate>{formed:%Y-%m-%dT%H:%M:%S}</msg:CreationDate><msg:Confirmation>"
        f"<msg:ExchangePlan>СинхронизацияДанныхЧерезУниверсальныйФормат</msg:ExchangePlan><msg:To>{RECEIVER}</msg:To>"
        f"<msg:From>{SENDER}</msg:From><msg:MessageNo>{number}</msg:MessageNo><msg:ReceivedNo>{number - 1}</msg:ReceivedNo>"
        "</msg:Confirmation><msg:AvailableVersion>1.7</msg:AvailableVersion><msg:AvailableVersion>1.8</msg:AvailableVersion></msg:Header>"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<Message xmlns:msg="http://www.1c.ru/SSL/Exchange/Message">')
        file.write(f'{header}<Body xmlns="{space}">\n')
        for body in bodies:
            file.write(body + "\n")
        file.write("</Body></Message>\n")
    return path


def first_message(company: Company, path: Path) -> Path:
    """Everything, as the first synchronisation sends it."""
    return write_message(path, 1, whole_books(company), datetime.combine(company.today, datetime.min.time()))


def next_message(company: Company, path: Path, changed: Order, deleted: Shipment) -> Path:
    """A day later: an order whose comment changed, a shipment that is gone."""
    kind = "Документ.РеализацияТоваровУслуг"
    gone = f"<УдалениеОбъекта><СсылкаНаОбъект><{kind}>{ref('shipment', deleted.number)}</{kind}></СсылкаНаОбъект></УдалениеОбъекта>"
    bodies = [_document(company, changed, "ЗаказКлиента", "order", comment="изменено"), gone]
    return write_message(path, 2, bodies, datetime.combine(company.today, datetime.min.time()) + timedelta(days=1))


def whole_books(company: Company) -> Iterator[str]:
    """The objects of the company's books, catalogs first."""
    for product in company.products:
        yield (
            f"<Справочник.Номенклатура><КлючевыеСвойства>{_leaf('Ссылка', ref('product', product.number))}"
            f"{_leaf('НаименованиеПолное', product.name)}"
            f"{_leaf('КодВПрограмме', product.code)}{_leaf('Артикул', product.sku)}{_leaf('Наименование', product.name)}</КлючевыеСвойства>"
            f"<ТипНоменклатуры>{'Услуга' if product.is_service else 'Товар'}</ТипНоменклатуры></Справочник.Номенклатура>"
        )
    for card in company.cards_of("onec"):
        if card.kind == "counterparty" and card.id % 3:
            yield f"<Справочник.Контрагенты><КлючевыеСвойства>{_buyer(company, card.id)}</КлючевыеСвойства></Справочник.Контрагенты>"
    for order in company.orders:
        if order.is_posted:
            yield _document(company, order, "ЗаказКлиента", "order")
    for shipment in company.shipments:
        if shipment.is_posted:
            yield _document(company, shipment, "РеализацияТоваровУслуг", "shipment")
    for back in company.returns:
        if back.is_posted:
            yield _document(company, back, "ВозвратТоваровОтПокупателя", "return")
    for payment in company.payments:
        if payment.kind.startswith("bank") and payment.is_posted and payment.is_conducted:
            yield _payment(company, payment)


def _leaf(name: str, value: object) -> str:
    return f"<{name}>{escape(str(value))}</{name}>" if value != "" else ""


def _buyer(company: Company, counterparty: int) -> str:
    card = company.card["onec", "counterparty", counterparty]
    return (
        f"{_leaf('Ссылка', ref('counterparty', counterparty))}{_leaf('Наименование', card.name)}{_leaf('НаименованиеПолное', card.name)}"
        f"{_leaf('ИНН', card.tax_id)}{_leaf('КПП', card.kpp)}<ЮридическоеФизическоеЛицо>ЮридическоеЛицо</ЮридическоеФизическоеЛицо>"
    )


def _organisation(company: Company, number: int) -> str:
    one = next(each for each in company.organisations if each.number == number)
    told = _leaf("Наименование", one.name) + _leaf("ИНН", one.tax_id)
    return f"<Организация>{_leaf('Ссылка', ref('organisation', number))}{told}</Организация>"


def _currency(code: str) -> str:
    data = f"<ДанныеКлассификатора>{_leaf('Код', CODES.get(code, code))}{_leaf('Наименование', code)}</ДанныеКлассификатора>"
    return f"<Валюта>{_leaf('Ссылка', ref('currency', code))}{data}</Валюта>"


def _order_key(company: Company, number: int, tag: str) -> str:
    order = company.order[number]
    own = f"{_leaf('Ссылка', ref('order', number))}<Дата>{order.at:%Y-%m-%dT%H:%M:%S}</Дата>{_leaf('Номер', order.code)}"
    return f"<{tag}>{own}{_organisation(company, order.organisation)}</{tag}>"


def _document(company: Company, one: Order | Shipment | Return, name: str, kind: str, comment: str = "") -> str:
    lines = [line for line in one.lines if not line.is_cancelled]
    total = sum((line.amount for line in lines), Decimal(0))
    named = f"<Дата>{one.at:%Y-%m-%dT%H:%M:%S}</Дата>{_leaf('Номер', one.code)}"
    head = f"{_leaf('Ссылка', ref(kind, one.number))}{named}{_organisation(company, one.organisation)}"
    order = _order_key(company, one.order, "Заказ") if not isinstance(one, Order) and one.order is not None else ""
    manager = company.manager[one.manager]
    who = f"<Ответственный>{_leaf('Ссылка', ref('user', manager.number))}{_leaf('Наименование', manager.onec_name)}</Ответственный>"
    terms = _terms(one.rate)
    return (
        f"<Документ.{name}><КлючевыеСвойства>{head}</КлючевыеСвойства>{who}{_currency(one.currency)}<Сумма>{total:.2f}</Сумма>"
        f"<Контрагент>{_buyer(company, one.counterparty)}</Контрагент>{terms}<СуммаВключаетНДС>true</СуммаВключаетНДС>{order}"
        f"<Товары>{''.join(_line(company, line) for line in lines)}</Товары>{_leaf('Комментарий', comment)}</Документ.{name}>"
    )


def _terms(rate: Decimal) -> str:
    told = f"<КурсВзаиморасчетов>{rate}</КурсВзаиморасчетов><КратностьВзаиморасчетов>1</КратностьВзаиморасчетов>"
    return f"<ДанныеВзаиморасчетов>{told}</ДанныеВзаиморасчетов>"


def _line(company: Company, line: Line) -> str:
    product = company.product[line.product]
    goods = f"<Номенклатура>{_leaf('Ссылка', ref('product', product.number))}{_leaf('Наименование', product.name)}</Номенклатура>"
    classified = _leaf("Код", "796") + _leaf("Наименование", product.unit)
    unit = f"<ЕдиницаИзмерения><ДанныеКлассификатора>{classified}</ДанныеКлассификатора></ЕдиницаИзмерения>"
    return (
        f"<Строка><ДанныеНоменклатуры>{goods}</ДанныеНоменклатуры>{unit}<Количество>{line.quantity}</Количество><Сумма>{line.amount:.2f}</Сумма>"
        f"<Цена>{line.price:.2f}</Цена><СтавкаНДС>НДС20</СтавкаНДС><СуммаНДС>{line.vat:.2f}</СуммаНДС></Строка>"
    )


def _payment(company: Company, one: Payment) -> str:
    prefix = "ПБДС" if one.kind == "bank_in" else "СБДС"
    kind = "РасчетыСКонтрагентами" if one.counterparty is not None else "Прочее"
    name = f"Документ.{prefix}{kind}"
    side = "РасчетыСПокупателем" if one.operation in ("customer_payment", "customer_refund") else "РасчетыСПоставщиком"
    named = f"<Дата>{one.at:%Y-%m-%dT%H:%M:%S}</Дата>{_leaf('Номер', one.code)}"
    head = f"{_leaf('Ссылка', ref('payment', one.number))}{named}{_organisation(company, one.organisation)}"
    day = one.bank_on or one.at.date()
    general = (
        f"<ОбщиеДанные><ДатаВыписки>{day:%Y-%m-%d}</ДатаВыписки>{_currency(one.currency)}<Сумма>{one.amount:.2f}</Сумма>"
        f"{_leaf('НазначениеПлатежа', one.purpose)}</ОбщиеДанные>"
    )
    buyer = f"<Контрагент>{_buyer(company, one.counterparty)}</Контрагент>" if one.counterparty is not None else ""
    terms = _terms(one.rate)
    article = f"<СтатьяДДС>{_leaf('Ссылка', ref('article', one.operation))}{_leaf('Наименование', one.operation)}</СтатьяДДС>"
    rows = "".join(
        f"<Строка>{'<Заказ>' + _order_key(company, split.order, 'ЗаказКлиента') + '</Заказ>' if split.order is not None else ''}"
        f"{article}<Сумма>{split.amount:.2f}</Сумма>{terms}</Строка>"
        for split in one.splits
    )
    return (
        f"<{name}><КлючевыеСвойства>{head}</КлючевыеСвойства>{general}<ВидРасчетов>{side}</ВидРасчетов>{buyer}"
        f"<РасшифровкаПлатежа>{rows}</РасшифровкаПлатежа></{name}>"
    )
