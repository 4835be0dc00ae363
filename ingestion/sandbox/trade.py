"""The books' side of the truth: orders, shipments, returns, money, retail, and what closes the months.

Documents name cards of 1C (`partner`, `counterparty`: Card.id) as 1C does. Money is Decimal with two places, with VAT unless the name says
otherwise, in the document's currency; `rate` turns it into the company currency. `at` is the document's date and time (Moscow).
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order, a shipment, a return or a receipt.

    amount = quantity x price - discount, with VAT; vat is inside it. cost is without VAT in the company currency (0 on orders).
    A cancelled order line (УТ «Отменено») counts nowhere.
    """

    product: int
    quantity: Decimal
    price: Decimal
    discount: Decimal
    amount: Decimal
    vat: Decimal
    cost: Decimal = Decimal("0.00")
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class PaymentStage:
    """A stage of an order's payment schedule. kind: advance | prepayment | credit."""

    kind: str
    due_on: date
    percent: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Order:
    """A customer's order. deal is the truth (Deal.number or None); deal_reference is the CRM id of the deal written on the order, else ''.

    status: open | shipped | closed | cancelled. channel: manager | site | self_service | agent. changed_at: УНФ «ДатаИзменения».
    A deletion mark comes only with posted False, as in 1C.
    """

    number: int
    code: str
    at: datetime
    organisation: int
    customer: int
    partner: int
    counterparty: int
    manager: int
    warehouse: int
    currency: str
    rate: Decimal
    lines: tuple[Line, ...]
    stages: tuple[PaymentStage, ...]
    status: str
    channel: str
    changed_at: datetime
    ship_by: date
    deal: int | None = None
    deal_reference: str = ""
    is_posted: bool = True
    is_marked: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Shipment:
    """Goods given to a customer, against an order or without one."""

    number: int
    code: str
    at: datetime
    organisation: int
    customer: int
    partner: int
    counterparty: int
    manager: int
    warehouse: int
    currency: str
    rate: Decimal
    lines: tuple[Line, ...]
    order: int | None
    is_posted: bool = True
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Return:
    """Goods given back. Lines are positive. shipment is what they came from."""

    number: int
    code: str
    at: datetime
    organisation: int
    customer: int
    partner: int
    counterparty: int
    manager: int
    warehouse: int
    currency: str
    rate: Decimal
    lines: tuple[Line, ...]
    shipment: int
    order: int | None
    reason: str
    is_posted: bool = True
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class PaymentSplit:
    """A line of a payment: the order it names, or None. Amount in the payment's currency."""

    order: int | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """Money in or out. kind: bank_in | bank_out | cash_in | cash_out | card.

    operation: customer_payment | customer_refund | supplier_payment | own_transfer | retail_cash | loan. is_conducted: the bank has
    executed it, on bank_on (bank documents only). customer, partner and counterparty are None where no
    buyer stands behind it. A card operation is a receipt unless operation is customer_refund.
    """

    number: int
    kind: str
    operation: str
    code: str
    at: datetime
    organisation: int
    customer: int | None
    partner: int | None
    counterparty: int | None
    currency: str
    rate: Decimal
    amount: Decimal
    splits: tuple[PaymentSplit, ...]
    purpose: str
    is_conducted: bool = True
    bank_on: date | None = None
    is_posted: bool = True
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class RetailReceipt:
    """A receipt of the cash register, buyer unknown. Lines positive also when is_return. cash + card = the lines' sum."""

    number: int
    code: str
    at: datetime
    organisation: int
    warehouse: int
    manager: int
    lines: tuple[Line, ...]
    cash: Decimal
    card: Decimal
    is_return: bool = False
    original: int | None = None
    is_posted: bool = True
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class RetailReport:
    """The day's report over a shop's receipts (RetailReceipt.number): the same sales a second time."""

    number: int
    code: str
    at: datetime
    organisation: int
    warehouse: int
    manager: int
    receipts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CostCorrection:
    """A row the month's closing adds to the sales register: cost only, quantity and revenue 0. document: the shipment it corrects."""

    number: int
    at: datetime
    organisation: int
    shipment: int
    product: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Claim:
    """A customer's claim. kind: claim | return | discrepancy; status: registered | in_work | satisfied | rejected."""

    number: int
    code: str
    at: datetime
    customer: int
    partner: int
    counterparty: int
    manager: int
    order: int | None
    kind: str
    reason: str
    amount: Decimal
    status: str
    resolved_on: date | None


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """What one unit of a currency costs in the company currency from that day on; workdays only."""

    currency: str
    day: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Books:
    """Everything only 1C knows, gathered for the builder."""

    orders: tuple[Order, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    returns: tuple[Return, ...] = ()
    payments: tuple[Payment, ...] = ()
    receipts: tuple[RetailReceipt, ...] = ()
    reports: tuple[RetailReport, ...] = ()
    corrections: tuple[CostCorrection, ...] = ()
    claims: tuple[Claim, ...] = ()
