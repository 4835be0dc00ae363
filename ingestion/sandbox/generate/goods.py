"""The catalogue of products and what lies in the warehouses."""

from decimal import Decimal
from random import Random

from ingestion.sandbox.generate.chance import counted, likely, money
from ingestion.sandbox.goods import Product, ProductGroup, StockRow, Warehouse

# group, parent, kinds of goods, unit, price from, price to
FOLDERS = (
    ("Оборудование", None, (), "", 0, 0),
    ("Станки", 1, ("Станок сверлильный", "Станок токарный", "Пресс"), "шт", 90_000, 780_000),
    ("Компрессоры", 1, ("Компрессор поршневой", "Ресивер"), "шт", 18_000, 160_000),
    ("Инструмент", None, (), "", 0, 0),
    ("Ручной инструмент", 4, ("Ключ рожковый", "Отвёртка", "Молоток", "Набор головок"), "шт", 250, 9_000),
    ("Электроинструмент", 4, ("Дрель", "Шуруповёрт", "Шлифмашина"), "шт", 3_500, 42_000),
    ("Расходные материалы", None, (), "", 0, 0),
    ("Крепёж", 7, ("Болт", "Саморез", "Анкер"), "упак", 120, 2_400),
    ("Абразивы", 7, ("Круг отрезной", "Лента шлифовальная"), "шт", 60, 1_900),
    ("Химия", 7, ("Смазка", "Растворитель"), "л", 300, 4_500),
    ("Услуги", None, ("Доставка", "Монтаж", "Пусконаладка"), "усл", 1_500, 45_000),
)
VAT = Decimal("0.20")


def make_groups() -> tuple[ProductGroup, ...]:
    """The folders of the catalogue, two levels deep."""
    return tuple(ProductGroup(number, name, parent) for number, (name, parent, *_) in enumerate(FOLDERS, 1))


def make_products(rng: Random, scale: float) -> tuple[Product, ...]:
    """Products: 120 at scale 1, growing with the square root. A few are bought all the time, most now and then."""
    leaves = [(number, *folder) for number, folder in enumerate(FOLDERS, 1) if folder[2]]
    found: list[Product] = []
    total = counted(120, scale**0.5, least=len(leaves) * 3)
    for number in range(1, total + 1):
        group, title, _, kinds, unit, low, high = leaves[number % len(leaves)]
        is_service = title == "Услуги"
        price = money(round(low * (high / low) ** rng.random(), -1 if low >= 250 else 0))
        share = rng.uniform(0.25, 0.5) if is_service else rng.uniform(0.55, 0.82)
        found.append(
            Product(
                number=number,
                code=f"00-{number:08d}",
                sku="" if is_service or likely(rng, 0.03) else f"{title[:2].upper()}-{1000 + number}",
                name=f"{rng.choice(kinds)} {chr(65 + number % 20)}{number * 7 % 90 + 10}",
                group=group,
                unit=unit,
                price=price,
                cost=money(float(price) / 1.2 * share),
                vat_rate=VAT if number % 19 else Decimal(0),
                popularity=(1.0 / number**0.7) * (0.25 if low > 50_000 else 1.0),
                is_service=is_service,
                b24_id=5_000 + number if number % 2 else None,
            )
        )
    return tuple(found)


def make_stock(rng: Random, products: tuple[Product, ...], warehouses: tuple[Warehouse, ...]) -> tuple[StockRow, ...]:
    """What lies where now; some products have run out."""
    found = []
    for product in products:
        for place in warehouses:
            if product.is_service or (place.is_shop and product.price > 50_000) or likely(rng, 0.3):
                continue
            quantity = Decimal(rng.randrange(1, 120 if product.price < 5_000 else 6))
            found.append(StockRow(product.number, place.number, quantity, quantity * product.cost))
    return tuple(found)
