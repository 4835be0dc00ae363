"""The CRM side of the truth: pipelines, deals with their history, incoming leads, calls, tasks, messages.

Every `*_at` is an aware Moscow time. `system` says which CRM holds the record; `crm_id` is its id there.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ingestion.sandbox.marketing import Origin


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline. id: amoCRM numbers as text ("142" won, "143" lost), Bitrix24 codes ("NEW", "C4:WON").

    kind: unsorted (amoCRM «Неразобранное») | open | won | lost. A pipeline may have several lost stages (Bitrix24).
    """

    id: str
    name: str
    sort: int
    kind: str
    color: str


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline (amoCRM) or a deal category (Bitrix24; id 0 is the general one). Stages are in the pipeline's own order."""

    system: str
    id: int
    name: str
    sort: int
    is_main: bool
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class LossReason:
    """An entry of amoCRM's list of loss reasons; Bitrix24 deals and leads hold the name as text."""

    id: int
    name: str
    sort: int


@dataclass(frozen=True, slots=True)
class StageEntry:
    """A deal (or a Bitrix24 lead) entered a stage. `by` is the manager's number, 0 for a robot. The first entry is the creation."""

    pipeline_id: int
    stage_id: str
    at: datetime
    by: int


@dataclass(frozen=True, slots=True)
class ResponsibleChange:
    """A deal went from one manager to another (numbers); `by` who did it."""

    at: datetime
    before: int
    after: int
    by: int


@dataclass(frozen=True, slots=True)
class DealLine:
    """What a deal offers: price per unit with VAT in the deal's currency."""

    id: int
    product: int
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal (amoCRM lead, Bitrix24 deal).

    status: open | won | lost. customer is the truth, None when nobody knows; company_card and contact_cards (main first) are the ids of
    the cards in the same system. order_number: the number of the 1C order when the manager wrote it into the deal's own field, else ''.
    lead: IncomingLead.number it was made from. deleted_at: when somebody deleted it, else None. plan_closed_on: Bitrix24 CLOSEDATE.
    """

    number: int
    system: str
    crm_id: int
    name: str
    pipeline_id: int
    stage_id: str
    status: str
    customer: int | None
    company_card: int | None
    contact_cards: tuple[int, ...]
    manager: int
    amount: Decimal
    currency: str
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    entries: tuple[StageEntry, ...]
    origin: Origin
    manager_changes: tuple[ResponsibleChange, ...] = ()
    loss_reason: str = ""
    order_number: str = ""
    lines: tuple[DealLine, ...] = ()
    lead: int | None = None
    is_repeat: bool = False
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncomingLead:
    """An enquiry before a deal: a Bitrix24 lead, an amoCRM «Неразобранное» entry, or a lead of 1C УНФ (system onec).

    status: open | converted | lost. uid: amoCRM's string key ('' elsewhere); crm_id: the id of the lead itself. category: form | call |
    mail | chat. entries: Bitrix24 statuses NEW, IN_PROCESS, CONVERTED, JUNK (pipeline_id 0); empty elsewhere. An accepted amoCRM
    entry leaves the list and becomes its deal with the same crm_id; a declined one (lost) leaves it too.
    """

    number: int
    system: str
    crm_id: int
    uid: str
    category: str
    title: str
    person_name: str
    phone: str
    email: str
    created_at: datetime
    updated_at: datetime
    status: str
    closed_at: datetime | None
    deal: int | None
    customer: int | None
    manager: int | None
    origin: Origin
    loss_reason: str = ""
    entries: tuple[StageEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One telephone call. `system` is where it is recorded (amocrm: a note; bitrix24: call statistics).

    direction: in | out | internal. phone is E.164 (the other side; an extension when internal), phone_typed as the exchange wrote it.
    manager: who talked, or the last extension rung when nobody did, or None. card_kind and card_id: the CRM card it hangs on, if any
    (same system). deal: linked by the system itself. result: answered | missed | busy | no_answer | voicemail (a robot took it).
    uniq: the exchange's id; in amoCRM the same call may be a note on two cards (`second_card`).
    """

    number: int
    system: str
    uniq: str
    started_at: datetime
    direction: str
    phone: str
    phone_typed: str
    manager: int | None
    extension: str
    wait_seconds: int
    talk_seconds: int
    result: str
    customer: int | None = None
    card_kind: str = ""
    card_id: int | None = None
    second_card: tuple[str, int] | None = None
    deal: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A task on a deal. kind: call | meeting | other. completed_at None while open."""

    number: int
    system: str
    crm_id: int
    deal: int | None
    manager: int
    kind: str
    text: str
    result: str
    created_at: datetime
    due_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Activity:
    """A message, an e-mail or a meeting. kind: email | message | meeting; direction: in | out ('' for a meeting).

    is_done False: planned only. is_automatic: a robot's mailing, no work of a person.
    """

    number: int
    system: str
    crm_id: int
    kind: str
    direction: str
    at: datetime
    deal: int | None
    customer: int | None
    card_kind: str
    card_id: int | None
    manager: int
    text: str
    is_done: bool = True
    is_automatic: bool = False
