"""Who works in the company and who buys from it, and the cards the systems keep about the buyers.

A `Customer` is the truth; a `Card` is what one system knows: misspelt, incomplete, sometimes twice.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Organisation:
    """One of the company's own legal entities. `prefix` opens its document numbers in 1C."""

    number: int
    name: str
    full_name: str
    tax_id: str
    kpp: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Manager:
    """A member of staff. `code` is the internal code that 1C, the CRMs and telephony share; names and e-mails differ between systems.

    An id is None where the person has no account in that system.
    """

    number: int
    code: str
    last_name: str
    first_name: str
    patronymic: str
    department: str
    position: str
    extension: str
    is_sales: bool
    is_active: bool
    hired_on: date
    onec_name: str
    email: str
    amo_id: int | None
    amo_name: str
    amo_email: str
    b24_id: int | None
    b24_first_name: str
    b24_last_name: str
    b24_email: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A buyer as it truly is. `phones` are E.164, `emails` lower case.

    `home` is the CRM its deals are kept in (amocrm or bitrix24). A technical customer is 1C's «Розничный покупатель»; an own one is
    an organisation of ours that 1C also lists among the buyers (`organisation`).
    """

    number: int
    kind: str
    name: str
    tax_id: str
    kpp: str
    city: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    manager: int
    since: date
    home: str
    weight: float
    is_technical: bool = False
    organisation: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What one system keeps about a customer, as it was typed there.

    system: onec | amocrm | bitrix24; kind: partner | counterparty (1C), company | contact (CRMs); ids are unique within (system, kind).
    parent: a counterparty's partner card, a contact's company card (same system), else None. crm_code: the customer's code in another
    system when somebody wrote it down (a 1C code in a CRM card), else ''. duplicate_of: the id of the card it repeats.
    """

    system: str
    kind: str
    id: int
    customer: int
    name: str
    first_name: str
    last_name: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    tax_id: str
    kpp: str
    city: str
    manager: int | None
    created_at: datetime
    updated_at: datetime
    parent: int | None = None
    crm_code: str = ""
    duplicate_of: int | None = None
    is_deleted: bool = False
