"""What the company sells and where it keeps it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A place goods leave from. A shop is a place of retail sale with a cash register."""

    number: int
    name: str
    is_shop: bool
    organisation: int


@dataclass(frozen=True, slots=True)
class ProductGroup:
    """A folder of the product catalogue; `parent` is None at the top."""

    number: int
    name: str
    parent: int | None


@dataclass(frozen=True, slots=True)
class Product:
    """A product or a service. `price` is the list price with VAT in the company currency, `cost` the usual cost without VAT.

    `vat_rate` is a share (0.20). `popularity` weighs how often it is bought. `b24_id` is the row's id in the Bitrix24 catalogue or None.
    """

    number: int
    code: str
    sku: str
    name: str
    group: int
    unit: str
    price: Decimal
    cost: Decimal
    vat_rate: Decimal
    popularity: float
    is_service: bool
    b24_id: int | None = None


@dataclass(frozen=True, slots=True)
class StockRow:
    """What lies in a warehouse now: quantity and its cost without VAT in the company currency."""

    product: int
    warehouse: int
    quantity: Decimal
    cost: Decimal
