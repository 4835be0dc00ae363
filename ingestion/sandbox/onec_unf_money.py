"""УНФ's money and retail documents, and the lines all its documents share."""

from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_accounts import account_key
from ingestion.sandbox.onec_movements import report_lines
from ingestion.sandbox.onec_ut_money import document
from ingestion.sandbox.onec_values import EMPTY_DATE, ZERO_GUID, Row, day, key, number, numbered, pair, ref, stamp, whole
from ingestion.sandbox.trade import Line, Payment

ORDER, SHIPMENT, RECEIPT, REPORT = (
    "Document_ЗаказПокупателя",
    "Document_РасходнаяНакладная",
    "Document_ПриходнаяНакладная",
    "Document_ОтчетОРозничныхПродажах",
)
PAYMENT_ENTITIES = {
    "bank_in": "Document_ПоступлениеНаСчет",
    "bank_out": "Document_РасходСоСчета",
    "cash_in": "Document_ПоступлениеВКассу",
    "cash_out": "Document_РасходИзКассы",
    "card": "Document_ОперацияПоПлатежнымКартам",
}
OPERATIONS = {
    "customer_payment": "ОтПокупателя",
    "customer_refund": "Покупателю",
    "supplier_payment": "Поставщику",
    "own_transfer": "ПеремещениеДС",
    "retail_cash": "РозничнаяВыручка",
    "loan": "РасчетыПоКредитам",
}


def goods(lines: tuple[Line, ...], vat_inside: bool, owner: str, order: str | None, company: Company) -> list[Row]:
    """Rows of goods of any document."""
    rows: list[Row] = []
    for line in lines:
        if line.is_cancelled:
            continue
        product = company.product[line.product]
        bare = line.amount - line.vat
        full = line.amount + line.discount
        rows.append(
            {
                "Номенклатура_Key": ref("product", line.product),
                "Характеристика_Key": ZERO_GUID,
                "Количество": number(line.quantity),
                **pair("ЕдиницаИзмерения", "Catalog_КлассификаторЕдиницИзмерения", ref("unit", product.unit)),
                "Цена": number(line.price if vat_inside else round(line.price / (1 + product.vat_rate), 2)),
                "ПроцентСкидкиНаценки": number(round(line.discount * 100 / full, 2)) if line.discount else 0,
                "СуммаСкидкиНаценки": number(line.discount),
                "Сумма": number(line.amount if vat_inside else bare),
                "СтавкаНДС_Key": ref("vat", product.vat_rate),
                "СуммаНДС": number(line.vat),
                "Всего": number(line.amount),
                "Содержание": "",
                **pair("Заказ", ORDER, ZERO_GUID if order is None else order),
            }
        )
    return numbered(rows, owner)


def payment(one: Payment) -> Row:
    """A bank, cash or card document with its split lines."""
    owner = ref("payment", one.number)
    supplier = ref("counterparty", "supplier 1") if one.operation == "supplier_payment" else ZERO_GUID
    rows: list[Row] = [
        {
            "Договор_Key": key("contract", one.counterparty),
            **pair("Заказ", ORDER, key("order", split.order)),
            **pair("Документ", SHIPMENT, ZERO_GUID),
            "ПризнакАванса": split.order is None,
            "СуммаРасчетов": number(split.amount),
            "Курс": number(one.rate),
            "Кратность": whole(1),
            "СуммаПлатежа": number(split.amount),
            "СуммаНДС": 0,
        }
        for split in one.splits
    ]
    row: Row = {
        **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
        "Организация_Key": ref("organisation", one.organisation),
        "ВидОперации": OPERATIONS[one.operation],
        "Контрагент_Key": supplier if one.counterparty is None else ref("counterparty", one.counterparty),
        "ВалютаДенежныхСредств_Key": ref("currency", one.currency),
        "СуммаДокумента": number(one.amount),
        "НазначениеПлатежа": one.purpose,
        "Статья_Key": ref("article", one.operation),
        "РасшифровкаПлатежа": numbered(rows, owner),
    }
    if one.kind.startswith("bank"):
        row |= {
            "БанковскийСчет_Key": account_key("bank", one.organisation, one.currency),
            "ПроведеноБанком": one.is_conducted,
            "ДатаПроведенияБанком": day(one.bank_on),
            "НомерВходящегоДокумента": str(one.number),
            "ДатаВходящегоДокумента": EMPTY_DATE,
            "ЭквайринговыйТерминал_Key": ZERO_GUID,
        }
    elif one.kind == "card":
        row |= {"ЭквайринговыйТерминал_Key": ref("terminal", one.organisation)}
    else:
        row |= {"Касса_Key": ref("cash desk", one.organisation)}
    return row


def retail(company: Company) -> dict[str, list[Row]]:
    """Receipts, returns at the till, and the reports over them."""
    buyer = next(one.number for one in company.customers if one.is_technical)
    found: dict[str, list[Row]] = {"Document_ЧекККМ": [], "Document_ЧекККМВозврат": [], REPORT: []}

    def header(owner: str, organisation: int, warehouse: int, manager: int) -> Row:
        return {
            "Организация_Key": ref("organisation", organisation),
            "Контрагент_Key": ref("counterparty", buyer),
            "СтруктурнаяЕдиница_Key": ref("warehouse", warehouse),
            "КассаККМ_Key": ref("till", warehouse),
            "Ответственный_Key": ref("manager", manager),
            "ВалютаДокумента_Key": ref("currency", "RUB"),
            "СуммаВключаетНДС": True,
            "КассоваяСмена_Key": ref("shift", owner),
        }

    for one in company.receipts:
        owner = ref("receipt", one.number)
        card: list[Row] = [
            {
                "ВидОплаты_Key": ref("card kind", 1),
                "Сумма": number(one.card),
                "ЭквайринговыйТерминал_Key": ref("terminal", 2),
                "ОплатаОтменена": False,
            }
        ]
        row = {
            **document(owner, one.code, stamp(one.at), one.is_posted, one.is_marked),
            **header(f"{one.warehouse}/{one.at:%Y%m%d}", one.organisation, one.warehouse, one.manager),
            "НомерЧекаККМ": whole(one.number),
            "Статус": "Архивный",
            "СуммаДокумента": number(sum(line.amount for line in one.lines)),
            "Запасы": goods(one.lines, True, owner, None, company),
            "БезналичнаяОплата": numbered(card if one.card else [], owner),
        }
        if one.is_return:
            row["ЧекККМ_Key"] = key("receipt", one.original)
        found["Document_ЧекККМВозврат" if one.is_return else "Document_ЧекККМ"].append(row)
    for report in company.reports:
        owner = ref("report", report.number)
        lines = report_lines(company, report)
        net = sum(line.amount * (-1 if gone else 1) for gone, line in lines)
        found[REPORT].append(
            {
                **document(owner, report.code, stamp(report.at), True, False),
                **header(f"{report.warehouse}/{report.at:%Y%m%d}", report.organisation, report.warehouse, report.manager),
                "СуммаДокумента": number(net),
                "Запасы": goods(tuple(line for gone, line in lines if not gone), True, owner, None, company),
                "ВозвращенныеТовары": goods(tuple(line for gone, line in lines if gone), True, owner, None, company),
            }
        )
    return found
