"""Organisations, staff and warehouses."""

from datetime import date, timedelta
from random import Random

from ingestion.sandbox.generate import words
from ingestion.sandbox.generate.chance import counted, likely
from ingestion.sandbox.goods import Warehouse
from ingestion.sandbox.people import Manager, Organisation

# Tax offices are numbered from 01: no real company's number begins with 00, yet length and check digits are right.
COMPANY_WEIGHTS = (2, 4, 10, 3, 5, 9, 4, 6, 8)
PERSON_WEIGHTS = ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))
OFFICE = (("Бухгалтерия", "Бухгалтер"), ("Маркетинг", "Маркетолог"), ("Склад", "Кладовщик"), ("Дирекция", "Коммерческий директор"))


def _check(digits: str, weights: tuple[int, ...]) -> str:
    return str(sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 % 10)


def company_tax_id(serial: int) -> str:
    """A 10-digit INN that no company can have."""
    digits = f"00{serial:07d}"
    return digits + _check(digits, COMPANY_WEIGHTS)


def person_tax_id(serial: int) -> str:
    """A 12-digit INN that no person can have."""
    digits = f"00{serial:08d}"
    digits += _check(digits, PERSON_WEIGHTS[0])
    return digits + _check(digits, PERSON_WEIGHTS[1])


def make_organisations() -> tuple[Organisation, ...]:
    """The company's two legal entities: trade, and retail with services."""
    return (
        Organisation(1, "Сандал-Трейд ООО", 'ООО "Сандал-Трейд"', company_tax_id(9000001), "007701001", "СТ"),
        Organisation(2, "Сандал-Розница ООО", 'ООО "Сандал-Розница"', company_tax_id(9000002), "007701001", "СР"),
    )


def make_warehouses() -> tuple[Warehouse, ...]:
    """Two warehouses and two shops."""
    return (
        Warehouse(1, "Основной склад", False, 1),
        Warehouse(2, "Склад Север", False, 1),
        Warehouse(3, "Магазин на Речной", True, 2),
        Warehouse(4, "Магазин Центральный", True, 2),
    )


def full_name(rng: Random) -> tuple[str, str, str]:
    """An invented (last, first, patronymic) name."""
    surname, patronymic = rng.choice(words.SURNAMES), rng.choice(words.PATRONYMICS)
    if likely(rng, 0.5):
        return surname, rng.choice(words.MALE_NAMES), patronymic + "ич"
    return surname + "а", rng.choice(words.FEMALE_NAMES), patronymic + "на"


def make_managers(rng: Random, scale: float, started_on: date) -> tuple[Manager, ...]:
    """Sales people (12 at scale 1, growing with the square root: bigger companies have busier managers) and some of the office.

    Two thirds sell through amoCRM, the others through Bitrix24, some are known to both. One has left, one is not in 1C's lists at all.
    """
    selling = counted(12, scale**0.5, least=4)
    found = []
    taken: set[tuple[str, str]] = set()
    for number in range(1, selling + len(OFFICE) + 1):
        last, first, patronymic = full_name(rng)
        while (last, first) in taken:
            last, first, patronymic = full_name(rng)
        taken.add((last, first))
        is_sales = number <= selling
        department, position = ("", "Менеджер по продажам") if is_sales else OFFICE[number - selling - 1]
        in_amo = not is_sales or number % 3 != 0
        in_b24 = not is_sales or number % 3 == 0 or number % 5 == 1
        if is_sales:
            department = "Отдел продаж" if in_amo else "Отдел сервиса"
        mail = f"{words.latin(first[0])}.{words.latin(last)}{number}@sandal.example"
        found.append(
            Manager(
                number=number,
                code=f"М{number:04d}",
                last_name=last,
                first_name=first,
                patronymic=patronymic,
                department=department,
                position=position,
                extension=str(100 + number),
                is_sales=is_sales,
                is_active=number != selling,
                hired_on=started_on - timedelta(days=rng.randrange(30, 1500)),
                onec_name=f"{last} {first} {patronymic}" if number % 4 else f"{last} {first[0]}. {patronymic[0]}.",
                email=mail if number % 7 else "",
                amo_id=3_100_000 + number * 37 if in_amo else None,
                amo_name=f"{first} {last}".replace("ё", "е"),
                amo_email=mail if number % 5 else f"{words.latin(last)}{number}@mail.sandal.example",
                b24_id=number * 2 + 5 if in_b24 else None,
                b24_first_name=first,
                b24_last_name=last.replace("ё", "е") if number % 2 else last,
                b24_email=mail.upper() if number % 3 == 0 else mail,
            )
        )
    return tuple(found)
