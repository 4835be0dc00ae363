"""The company's bank statements as banks write them: 1CClientBankExchange files with the traps of the field.

Each account has one file a quarter that begins three days before the last one ended; encodings differ from what the files declare; names
stand in `Плательщик1` or behind the tax id; purposes are whole, in parts, or both; own transfers stand in the files of both accounts; a
payment order that no bank has executed lies between.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from ingestion.sandbox.company import Company
from ingestion.sandbox.trade import Payment

OVERLAP = timedelta(days=3)
ENCODINGS = (("Windows", "cp1251"), ("DOS", "cp866"), ("Windows", "utf-8"))  # what is declared, and what is written
VERSIONS = ("1.01", "1.02", "1.03")
BANK_KINDS = ("bank_in", "bank_out")


@dataclass(frozen=True, slots=True)
class WrittenStatements:
    """The files, and what stands in them once each: executed payments by number."""

    files: tuple[Path, ...]
    payments: tuple[Payment, ...]
    accounts: tuple[str, ...]


def own_account(organisation: int) -> str:
    """The account of one of the company's organisations."""
    return f"4070281000000000{organisation:04d}"


def other_account(customer: int | None) -> str:
    """The account of the other side."""
    return f"4070281050000{customer or 0:07d}"


def executed(company: Company) -> list[Payment]:
    """Bank payments that the bank has executed, by its day."""
    found = [one for one in company.payments if one.kind in BANK_KINDS and one.is_posted and one.is_conducted and one.currency == "RUB"]
    return sorted(found, key=lambda one: (_day(one), one.number))


def write_statements(company: Company, folder: Path) -> WrittenStatements:
    """Write every account's files into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    payments = executed(company)
    files = []
    accounts = tuple(own_account(one.number) for one in company.organisations)
    for organisation in company.organisations:
        own = [one for one in payments if one.organisation == organisation.number]
        for number, (begin, end) in enumerate(_quarters(company.started_on, company.today)):
            inside = [one for one in own if begin <= _day(one) <= end]
            declared, encoding = ENCODINGS[number % len(ENCODINGS)]
            lines = _statement(company, organisation.number, inside, begin, end, number, declared)
            path = folder / f"kl_to_1c_{organisation.number}_{number:02d}.txt"
            path.write_bytes("\r\n".join(lines).encode(encoding, "replace"))
            files.append(path)
    return WrittenStatements(tuple(files), tuple(payments), accounts)


def _day(payment: Payment) -> date:
    return payment.bank_on or payment.at.date()


def _quarters(first: date, last: date) -> Iterator[tuple[date, date]]:
    begin = first
    while begin < last:
        end = min(begin + timedelta(days=91), last)
        yield begin, end
        begin = end + timedelta(days=1) - OVERLAP if end < last else last


def _statement(
    company: Company, organisation: int, payments: list[Payment], begin: date, end: date, number: int, declared: str
) -> list[str]:
    account = own_account(organisation)
    came = sum((one.amount for one in payments if one.kind == "bank_in"), Decimal(0))
    left = sum((one.amount for one in payments if one.kind == "bank_out"), Decimal(0))
    lines = [
        "1CClientBankExchange",
        f"ВерсияФормата={VERSIONS[number % len(VERSIONS)]}",
        f"Кодировка={declared}",
        "Отправитель=Банк Клиент Онлайн",
        "Получатель=",
        f"ДатаСоздания={end:%d.%m.%Y}",
        "ВремяСоздания=23:59:00",
        f"ДатаНачала={begin:%d.%m.%Y}",
        f"ДатаКонца={end:%d.%m.%Y}",
        "",
        f"РасчСчет={account}",
        "СекцияРасчСчет",
        f"ДатаНачала={begin:%d.%m.%Y}",
        f"ДатаКонца={end:%d.%m.%Y}",
        f"РасчСчет={account}",
        "НачальныйОстаток=1000000.00",
        f"ВсегоПоступило={came:.2f}",
        f"ВсегоСписано={left:.2f}",
        f"КонечныйОстаток={1000000 + came - left:.2f}",
        "КонецРасчСчет",
    ]
    for place, one in enumerate(payments):
        lines += _payment(company, one, place)
    lines += [
        "СекцияДокумент=Платежное поручение",
        "Номер=9999",
        f"Дата={end:%d.%m.%Y}",
        "Сумма=77777.00",
        f"ПлательщикСчет={account}",
        "ДатаСписано=",
        f"ПолучательСчет={other_account(0)}",
        "ДатаПоступило=",
        "Получатель=ООО Ещё не исполнено",
        "НазначениеПлатежа=Оплата по счету = 15/2 от 01.02.2026",
        "КонецДокумента",
        "КонецФайла",
        "",
    ]
    return lines


def _payment(company: Company, one: Payment, place: int) -> list[str]:
    organisation = next(each for each in company.organisations if each.number == one.organisation)
    customer = company.customer.get(one.customer) if one.customer is not None else None
    other = customer.name if customer is not None else "ООО Поставщик"
    tax_id = customer.tax_id if customer is not None else "7700000000"
    is_in = one.kind == "bank_in"
    sides = [
        ("Получатель" if is_in else "Плательщик", own_account(one.organisation), organisation.full_name, organisation.tax_id),
        ("Плательщик" if is_in else "Получатель", other_account(one.customer), other, tax_id),
    ]
    day = f"{_day(one):%d.%m.%Y}"
    lines = [
        f"СекцияДокумент={'Платежное поручение' if place % 3 else 'Банковский ордер'}",
        f"Номер={one.number}",
        f"Дата={one.at:%d.%m.%Y}",
        f"Сумма={one.amount:.2f}",
    ]
    for side, account, name, code in sides:
        lines.append(f"{side}Счет={account}")
        lines.append(f"{'ДатаСписано' if side == 'Плательщик' else 'ДатаПоступило'}={day}")
        lines.append(f"{side}ИНН={code}")
        lines.append(f"{side}={'ИНН ' + code + ' ' if code else ''}{name}" if place % 2 else f"{side}1={name}")
    if place % 5 == 0:
        lines.append("")
    words = one.purpose.split(" ")
    middle = len(words) // 2
    if place % 3 != 1:
        lines.append(f"НазначениеПлатежа={one.purpose}")
    if place % 3:
        lines += [f"НазначениеПлатежа1={' '.join(words[:middle])}", f"НазначениеПлатежа2={' '.join(words[middle:])}"]
    return [*lines, "Очередность=5", "КонецДокумента"]
