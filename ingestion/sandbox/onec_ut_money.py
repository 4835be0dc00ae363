"""УТ's money and retail documents, and what all its documents share."""

from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_accounts import account_key
from ingestion.sandbox.onec_movements import report_lines
from ingestion.sandbox.onec_values import EMPTY_DATE, ZERO_GUID, Row, day, key, number, numbered, pair, ref, stamp, whole
from ingestion.sandbox.trade import Line, Payment

SHIPMENT, RETURN, REPORT, ORDER = (
    "Document_РеализацияТоваровУслуг",
    "Document_ВозвратТоваровОтКлиента",
    "Document_ОтчетОРозничныхПродажах",
    "Document_ЗаказКлиента",
)
PAYMENT_ENTITIES = {
    "bank_in": "Document_ПоступлениеБезналичныхДенежныхСредств",
    "bank_out": "Document_СписаниеБезналичныхДенежныхСредств",
    "cash_in": "Document_ПриходныйКассовыйОрдер",
    "cash_out": "Document_РасходныйКассовыйОрдер",
    "card": "Document_ОперацияПоПлатежнойКарте",
}
OPERATIONS = {
    "customer_payment": "ПоступлениеОплатыОтКлиента",
    "customer_refund": "ВозвратОплатыКлиенту",
    "supplier_payment": "ОплатаПоставщику",
    "retail_cash": "ПоступлениеДенежныхСредствИзКассыККМ",
    "loan": "ПоступлениеДенежныхСредствПоКредитам",
}
TRANSFER = {"bank_in": "ПоступлениеДенежныхСредствСДругогоСчета", "bank_out": "ПеречислениеДенежныхСредствНаДругойСчет"}


def document(identity: str, code: str, moment: str, is_posted: bool, is_marked: bool) -> Row:
    """The standard attributes of a document."""
    return {"Ref_Key": identity, "DataVersion": "", "Number": code, "Date": moment, "DeletionMark": is_marked, "Posted": is_posted}


def goods(
    lines: tuple[Line, ...], vat_inside: bool, owner: str, warehouse: int, order: str | None, company: Company, is_document: bool
) -> list[Row]:
    """Rows of goods of any document."""
    rows = []
    for index, line in enumerate(lines, 1):
        rate = company.product[line.product].vat_rate
        bare = line.amount - line.vat
        row: Row = {
            "Номенклатура_Key": ref("product", line.product),
            "Характеристика_Key": ZERO_GUID,
            "Упаковка_Key": ZERO_GUID,
            "КоличествоУпаковок": number(line.quantity),
            "Количество": number(line.quantity),
            "ВидЦены_Key": ZERO_GUID,
            "Цена": number(line.price if vat_inside else round(line.price / (1 + rate), 2)),
            "Сумма": number(line.amount if vat_inside else bare),
            "УдалитьСтавкаНДС": "",
            "СтавкаНДС_Key": ref("vat", rate),
            "СуммаНДС": number(line.vat),
            "СуммаСНДС": number(line.amount),
            "ПроцентРучнойСкидки": number(round(line.discount * 100 / (line.amount + line.discount), 2)) if line.discount else 0,
            "СуммаРучнойСкидки": number(line.discount),
            "ПроцентАвтоматическойСкидки": 0,
            "СуммаАвтоматическойСкидки": 0,
            "КодСтроки": whole(index),
            "Склад_Key": ref("warehouse", warehouse),
        }
        if is_document:
            row["АналитикаУчетаНоменклатуры_Key"] = ref("product key", line.product)
            row |= pair("ЗаказКлиента", ORDER, ZERO_GUID if order is None else order)
        else:
            row |= {
                "Отменено": line.is_cancelled,
                "ПричинаОтмены_Key": ref("cancel reason", 1) if line.is_cancelled else ZERO_GUID,
                "ВариантОбеспечения": "КОбеспечению",
                "ДатаОтгрузки": EMPTY_DATE,
                "Содержание": "",
            }
        rows.append(row)
    return numbered(rows, owner)


def operation(one: Payment) -> str:
    """УТ's name of what the payment is."""
    return TRANSFER[one.kind] if one.operation == "own_transfer" else OPERATIONS[one.operation]


def payment(one: Payment) -> Row:
    """A bank, cash or card document with its split lines."""
    owner = ref("payment", one.number)
    is_buyer = one.counterparty is not None
    partner = (
        key("partner", one.partner) if is_buyer else ref("partner", "supplier 1") if one.operation == "supplier_payment" else ZERO_GUID
    )
    card = (
        key("counterparty", one.counterparty)
        if is_buyer
        else ref("counterparty", "supplier 1")
        if one.operation == "supplier_payment"
        else ZERO_GUID
    )
    rows: list[Row] = []
    for split in one.splits:
        paid_for = pair("Заказ", ORDER, key("order", split.order))
        basis = pair("ОснованиеПлатежа", ORDER, key("order", split.order))
        rows.append(
            {
                "Партнер_Key": partner,
                "СтатьяДвиженияДенежныхСредств_Key": ref("article", one.operation),
                **basis,
                **paid_for,
                "Сумма": number(split.amount),
                "СуммаВзаиморасчетов": number(split.amount),
                "ВалютаВзаиморасчетов_Key": ref("currency", one.currency),
                "Комментарий": "",
            }
        )
    row: Row = {
        **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
        "Организация_Key": ref("organisation", one.organisation),
        "ХозяйственнаяОперация": operation(one),
        "Партнер_Key": partner,
        "Контрагент_Key": card,
        "Валюта_Key": ref("currency", one.currency),
        "СуммаДокумента": number(one.amount),
        "НазначениеПлатежа": one.purpose,
        "Договор_Key": key("contract", one.counterparty),
        "РасшифровкаПлатежа": numbered(rows, owner),
    }
    if one.kind.startswith("bank"):
        row |= {
            "БанковскийСчет_Key": account_key("bank", one.organisation, one.currency),
            "ПроведеноБанком": one.is_conducted,
            "ДатаПроведенияБанком": day(one.bank_on),
            "НомерВходящегоДокумента": str(one.number),
            "ДатаВходящегоДокумента": day(one.at.date()),
        }
    elif one.kind == "card":
        row |= {"ЭквайринговыйТерминал_Key": ref("terminal", one.organisation)}
    else:
        row |= {"Касса_Key": ref("cash desk", one.organisation)}
    return row


def retail(company: Company) -> dict[str, list[Row]]:
    """Receipts, returns at the till, and the reports over them."""
    receipts: list[Row] = []
    returns: list[Row] = []
    for one in company.receipts:
        owner = ref("receipt", one.number)
        row = document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked)
        row |= _till(one.organisation, one.warehouse, one.manager)
        total = sum(line.amount for line in one.lines)
        row |= {"СуммаДокумента": number(total), "Статус": "Архивный", "ПолученоНаличными": number(one.cash)}
        row["Товары"] = goods(one.lines, True, owner, one.warehouse, None, company, is_document=True)
        card: list[Row] = [
            {"ВидОплаты_Key": ref("card kind", 1), "Сумма": number(one.card), "ЭквайринговыйТерминал_Key": ref("terminal", 2)}
        ]
        row["ОплатаПлатежнымиКартами"] = numbered(card if one.card else [], owner)
        if one.is_return:
            row["ЧекККМ_Key"] = key("receipt", one.original)
        (returns if one.is_return else receipts).append(row)
    reports = []
    for report in company.reports:
        owner = ref("report", report.number)
        lines = report_lines(company, report)
        sold, back = tuple(line for gone, line in lines if not gone), tuple(line for gone, line in lines if gone)
        row = document(owner, report.code, stamp(report.at), True, False)
        row |= _till(report.organisation, report.warehouse, report.manager)
        row |= {"СуммаДокумента": number(sum(line.amount for line in sold)), "СуммаВозвратов": number(sum(line.amount for line in back))}
        row["Товары"] = goods(sold, True, owner, report.warehouse, None, company, is_document=True)
        row["ВозвращенныеТовары"] = goods(back, True, owner, report.warehouse, None, company, is_document=True)
        reports.append(row)
    return {"Document_ЧекККМ": receipts, "Document_ЧекККМВозврат": returns, REPORT: reports}


def _till(organisation: int, warehouse: int, manager: int) -> Row:
    return {
        "Организация_Key": ref("organisation", organisation),
        "Склад_Key": ref("warehouse", warehouse),
        "Кассир_Key": ref("manager", manager),
        "КассаККМ_Key": ref("till", warehouse),
        "Валюта_Key": ref("currency", "RUB"),
        "ЦенаВключаетНДС": True,
        "ХозяйственнаяОперация": "РеализацияВРозницу",
    }
