"""The company's catalogue and documents as 1C and sites write CommerceML, whole and in parts, with the traps of the field.

The catalogue and its offers, prices and stock are UTF-8 with a byte order mark and a namespace; the first orders are cp1251 without one and
without containers, as older sites write them; the rest stand in containers: an order, its shipments, returns and payments beside each
other, their ids numbered apart. Elements change their order, units have mixed content, sums have four places.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from ingestion.sandbox.company import Company
from ingestion.sandbox.goods import Product, ProductGroup
from ingestion.sandbox.onec_values import ref
from ingestion.sandbox.trade import Line, Order, Payment, Return, Shipment

CATALOG = ref("catalog", 1)
PRICE_TYPE = ref("price_type", 1)
NAMESPACE = ' xmlns="urn:1C.ru:commerceml_2" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
BOM = "\ufeff"
PRODUCTS_A_FILE = 200
ORDERS_A_FILE = 250
CURRENCY_NAMES = {"RUB": ("руб", "RUB", "643")}
Document = Order | Shipment | Return


@dataclass(frozen=True, slots=True)
class WrittenExchange:
    """The files of one exchange, and how many products and documents of each operation stand in them."""

    files: tuple[Path, ...]
    products: int
    documents: dict[str, int]


def element(name: str, value: object, **attributes: str) -> str:
    """One leaf."""
    marks = "".join(f" {key}={quoteattr(text)}" for key, text in attributes.items())
    return f"<{name}{marks}>{escape(str(value))}</{name}>"


def root(version: str, formed: datetime, body: str, namespace: str = NAMESPACE) -> str:
    """A whole file."""
    head = f'<КоммерческаяИнформация{namespace} ВерсияСхемы="{version}" ДатаФормирования="{formed:%Y-%m-%dT%H:%M:%S}">'
    return f"{head}\n{body}\n</КоммерческаяИнформация>\n"


def save(path: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    """Write a file with the declaration of what it is in."""
    declared = "windows-1251" if encoding == "cp1251" else "UTF-8"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((f'<?xml version="1.0" encoding="{declared}"?>\n' + text).encode(encoding, "xmlcharrefreplace"))
    return path


def write_catalog(
    company: Company, folder: Path, *, only_changes: bool = False, products: Iterable[Product] | None = None, day: date | None = None
) -> tuple[Path, ...]:
    """import, offers, prices and rests, split as 2.08 and later do; `products` for a part of the catalogue."""
    chosen = tuple(company.products if products is None else products)
    formed = datetime.combine(day or company.today, datetime.min.time())
    changes = "true" if only_changes else "false"
    files = []
    for number, start in enumerate(range(0, len(chosen), PRODUCTS_A_FILE)):
        some = chosen[start : start + PRODUCTS_A_FILE]
        goods = "".join(_product(one) for one in some)
        classifier = _classifier(company.groups) if number == 0 else ""
        catalog = f'<Каталог СодержитТолькоИзменения="{changes}">{_ids()}<Товары>\n{goods}</Товары></Каталог>'
        files.append(save(folder / f"import0_{number + 1}.xml", root("2.08", formed, classifier + catalog)))
        for kind, body in (
            ("offers", "".join(_offer(one) for one in some)),
            ("prices", "".join(_price(one, place) for place, one in enumerate(some))),
            ("rests", "".join(_rest(company, one) for one in some)),
        ):
            head = f"<Ид>{CATALOG}#</Ид><Наименование>Пакет</Наименование><ИдКаталога>{CATALOG}</ИдКаталога>"
            more = _warehouses(company) if kind == "rests" and number == 0 else _price_types() if kind == "prices" and number == 0 else ""
            package = (
                f'<ПакетПредложений СодержитТолькоИзменения="{changes}">{head}{more}<Предложения>\n{body}</Предложения></ПакетПредложений>'
            )
            files.append(save(folder / f"{kind}0_{number + 1}.xml", root("2.08", formed, package)))
    return tuple(files)


def write_orders(company: Company, folder: Path) -> WrittenExchange:
    """Documents in files of `ORDERS_A_FILE` orders, the oldest first."""
    counts: dict[str, int] = {}
    files = []
    orders = list(company.orders)
    for number, start in enumerate(range(0, len(orders), ORDERS_A_FILE)):
        old = number == 0
        body = "\n".join(_container(company, one, counts, plain=old) for one in orders[start : start + ORDERS_A_FILE])
        if number == 0:
            body += "\n".join(_without_order(company, counts))
        formed = datetime.combine(company.today, datetime.min.time()) + timedelta(minutes=number)
        path = folder / f"orders-{number:03d}.xml"
        files.append(save(path, root("2.05", formed, body, "" if old else NAMESPACE), "cp1251" if old else "utf-8-sig"))
    return WrittenExchange(tuple(files), len(company.products), counts)


def _ids() -> str:
    return f"<Ид>{CATALOG}</Ид><ИдКлассификатора>{CATALOG}</ИдКлассификатора><Наименование>Основной каталог товаров</Наименование>"


def _classifier(groups: Iterable[ProductGroup]) -> str:
    held = list(groups)

    def below(parent: int | None) -> str:
        some = [one for one in held if one.parent == parent]
        inner = "".join(
            f"<Группа><Ид>{ref('group', one.number)}</Ид>{element('Наименование', one.name)}{below(one.number)}</Группа>" for one in some
        )
        return f"<Группы>{inner}</Группы>" if some else ""

    return f"<Классификатор><Ид>{CATALOG}</Ид><Наименование>Классификатор</Наименование>{below(None)}</Классификатор>"


def _unit(unit: str, *, mixed: bool) -> str:
    inner = "<Пересчет><Единица>796</Единица><Коэффициент>1</Коэффициент></Пересчет>" if mixed else ""
    return f'<БазоваяЕдиница Код="796 " НаименованиеПолное="Штука">{inner}{escape(unit)}</БазоваяЕдиница>'


def _product(one: Product) -> str:
    kind = "Услуга" if one.is_service else "Товар"
    return (
        f"<Товар><Ид>{ref('product', one.number)}</Ид>{element('Артикул', one.sku)}{element('Наименование', one.name)}"
        f"{_unit(one.unit, mixed=one.number % 2 == 0)}<Группы><Ид>{ref('group', one.group)}</Ид></Группы><Описание/>"
        "<СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование>"
        f"<Ставка>{one.vat_rate * 100:.0f}</Ставка></СтавкаНалога></СтавкиНалогов>"
        f"<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>ТипНоменклатуры</Наименование><Значение>{kind}</Значение>"
        f"</ЗначениеРеквизита><ЗначениеРеквизита><Наименование>Код</Наименование>{element('Значение', one.code)}</ЗначениеРеквизита>"
        "</ЗначенияРеквизитов></Товар>\n"
    )


def _offer(one: Product) -> str:
    named = element("Артикул", one.sku) + element("Наименование", one.name)
    return f"<Предложение><Ид>{ref('product', one.number)}</Ид>{named}</Предложение>\n"


def _price(one: Product, place: int) -> str:
    value = f"{one.price:.2f}" if place % 2 else f"{one.price:.4f}"
    shown = f"<Представление>{escape(f'{one.price:.0f} RUB за {one.unit}')}</Представление>"
    return (
        f"<Предложение><Ид>{ref('product', one.number)}</Ид><Цены><Цена>{shown}<ИдТипаЦены>{PRICE_TYPE}</ИдТипаЦены>"
        f"<ЦенаЗаЕдиницу>{value}</ЦенаЗаЕдиницу><Валюта>RUB</Валюта></Цена></Цены></Предложение>\n"
    )


def _rest(company: Company, one: Product) -> str:
    rows = "".join(
        f"<Остаток><Склад><Ид>{ref('warehouse', row.warehouse)}</Ид><Количество>{row.quantity}</Количество></Склад></Остаток>"
        for row in company.stock
        if row.product == one.number
    )
    return f"<Предложение><Ид>{ref('product', one.number)}</Ид><Остатки>{rows}</Остатки></Предложение>\n"


def _price_types() -> str:
    return f"<ТипыЦен><ТипЦены><Ид>{PRICE_TYPE}</Ид><Наименование>Розничная</Наименование><Валюта>RUB</Валюта></ТипЦены></ТипыЦен>"


def _warehouses(company: Company) -> str:
    rows = "".join(
        f"<Склад><Ид>{ref('warehouse', one.number)}</Ид>{element('Наименование', one.name)}</Склад>" for one in company.warehouses
    )
    return f"<Склады>{rows}</Склады>"


def _container(company: Company, order: Order, counts: dict[str, int], *, plain: bool) -> str:
    inside = [_document(company, order, "Заказ товара", counts, order.number)]
    inside += [_document(company, one, "Отпуск товара", counts, order.number) for one in _of_order(company.shipments, order)]
    inside += [_document(company, one, "Возврат товара", counts, order.number) for one in _of_order(company.returns, order)]
    inside += list(_payments(company, order, counts))
    body = "\n".join(inside)
    return body if plain else f"<Контейнер>{body}</Контейнер>"


def _of_order(documents: Iterable[Shipment | Return], order: Order) -> Iterator[Shipment | Return]:
    return (one for one in documents if one.order == order.number)


def _without_order(company: Company, counts: dict[str, int]) -> Iterator[str]:
    for shipment in company.shipments:
        if shipment.order is None:
            yield _document(company, shipment, "Отпуск товара", counts, None)
    for back in company.returns:
        if back.order is None:
            yield _document(company, back, "Возврат товара", counts, None)
    # what the company itself buys goes over the same exchange
    like = next(one for one in company.shipments if one.is_posted and not one.is_marked)
    text = _document(company, like, "Отпуск товара", counts, None).replace("<Ид>", "<Ид>bought-", 1)
    yield text.replace("</ХозОперация><Роль>Продавец", "</ХозОперация><Роль>Покупатель", 1)


def _document(company: Company, one: Document, operation: str, counts: dict[str, int], order: int | None) -> str:
    counts[operation] = counts.get(operation, 0) + 1
    lines = [line for line in one.lines if not line.is_cancelled]
    names = CURRENCY_NAMES.get(one.currency, (one.currency,))
    total = sum((line.amount for line in lines), Decimal(0))
    marks = {
        "Проведен": "true" if one.is_posted else "false",
        "ПометкаУдаления": "true" if one.is_marked else "false",
        "Номер по 1С": one.code,
    }
    if isinstance(one, Order):
        marks |= {"Статус заказа": f"[N] {one.status}", "Отменен": "true" if one.status == "cancelled" else "false"}
    basis = f"{element('Основание', ref('order', order))}" if order is not None and not isinstance(one, Order) else ""
    own = ref("order", one.number) if isinstance(one, Order) else str(one.number)
    time = f"<Время>{one.at:%H:%M:%S}</Время>"
    return (
        f"<Документ><Ид>{own}</Ид><Номер>{escape(one.code)}</Номер><Дата>{one.at:%Y-%m-%d}</Дата>{time if one.number % 2 else ''}"
        f"<ХозОперация>{operation}</ХозОперация><Роль>Продавец</Роль>"
        f"<Валюта>{names[one.number % len(names)]}</Валюта><Курс>{one.rate}</Курс>"
        f"<Сумма>{total:.4f}</Сумма>{basis}{_buyer(company, one.counterparty)}{'' if one.number % 2 else time}"
        f"<Товары>{''.join(_line(company, line) for line in lines)}</Товары>{_marks(marks)}</Документ>"
    )


def _buyer(company: Company, counterparty: int) -> str:
    """The parties of a document, in any order: some name the selling organisation before the buyer."""
    card = company.card["onec", "counterparty", counterparty]
    own = company.organisations[0]
    seller = (
        f"<Контрагент><Ид>{ref('organisation', own.number)}</Ид>{element('Наименование', own.name)}{element('ИНН', own.tax_id)}"
        "<Роль>Продавец</Роль></Контрагент>"
    )
    names = element("Наименование", card.name) + element("ПолноеНаименование", card.name)
    return (
        f"<Контрагенты>{seller if counterparty % 2 else ''}<Контрагент><Ид>{ref('counterparty', counterparty)}</Ид>{names}"
        f"{element('ИНН', card.tax_id)}{element('КПП', card.kpp)}<Роль>Покупатель</Роль></Контрагент></Контрагенты>"
    )


def _line(company: Company, line: Line) -> str:
    product = company.product[line.product]
    tax = f"<Налоги><Налог><Наименование>НДС</Наименование><УчтеноВСумме>true</УчтеноВСумме><Сумма>{line.vat:.2f}</Сумма></Налог></Налоги>"
    return (
        f"<Товар><Ид>{ref('product', product.number)}</Ид>{element('Артикул', product.sku)}{element('Наименование', product.name)}"
        f"{_unit(product.unit, mixed=True)}<ЦенаЗаЕдиницу>{line.price:.4f}</ЦенаЗаЕдиницу><Количество>{line.quantity}</Количество>"
        f"<Сумма>{line.amount:.2f}</Сумма>{tax}</Товар>"
    )


def _payments(company: Company, order: Order, counts: dict[str, int]) -> Iterator[str]:
    for payment in company.payments:
        if not payment.is_posted or not payment.is_conducted or payment.operation not in ("customer_payment", "customer_refund"):
            continue
        for place, split in enumerate(payment.splits):
            if split.order == order.number:
                yield _payment(payment, place, split.amount, order, counts)


def _payment(payment: Payment, place: int, amount: Decimal, order: Order, counts: dict[str, int]) -> str:
    back = payment.operation == "customer_refund"
    way = "наличных" if payment.kind.startswith("cash") else "безналичных"
    operation = f"{'Возврат' if back else 'Выплата'} {way} денег"
    counts[operation] = counts.get(operation, 0) + 1
    day = payment.bank_on or payment.at.date()
    named = element("НомерОснования", order.code) if payment.number % 2 else element("Основание", ref("order", order.number))
    return (
        f"<Документ><Ид>{payment.number}-{place}</Ид><Номер>{escape(payment.code)}</Номер><Дата>{day:%Y-%m-%d}</Дата><Время>12:00:00</Время>"
        f"<ХозОперация>{operation}</ХозОперация><Роль>Продавец</Роль><Валюта>{payment.currency}</Валюта><Курс>{payment.rate}</Курс>"
        f"<Сумма>{amount:.2f}</Сумма>{named}"
        f"{_marks({'Проведен': 'true', 'Оплачен': 'Y'})}</Документ>"
    )


def _marks(marks: dict[str, str]) -> str:
    rows = "".join(
        f"<ЗначениеРеквизита><Наименование>{escape(name)}</Наименование><Значение>{escape(value)}</Значение></ЗначениеРеквизита>"
        for name, value in marks.items()
    )
    return f"<ЗначенияРеквизитов>{rows}</ЗначенияРеквизитов>"
