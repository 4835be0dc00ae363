"""The logical columns of every feed, in one place; data only.

A column's `kind` says how its value is read and written: text, money and number (decimals with a point), integer, day (ISO), moment (ISO
with an offset), flag (true, false), currency (ISO 4217), word (one of `words`). The raw payload of a feed is {column: normalised text}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "money", "number", "integer", "day", "moment", "flag", "currency", "word"]

DEAL_STATUSES: Mapping[str, tuple[str, ...]] = {
    "won": ("won", "success", "выигран", "выиграна", "успешно", "успешная", "успех", "победа", "s"),
    "lost": ("lost", "failure", "failed", "проигран", "проиграна", "провал", "отказ", "неуспешно", "f"),
    "open": ("open", "process", "active", "в работе", "открыта", "открыт", "новая", "новый", "p"),
}
LEAD_STATUSES: Mapping[str, tuple[str, ...]] = {
    "converted": ("converted", "success", "qualified", "конвертирован", "сконвертирован", "квалифицирован", "s"),
    "lost": ("lost", "failure", "junk", "disqualified", "отказ", "некачественный", "f"),
    "open": ("open", "new", "в работе", "новый", "p"),
}
ORDER_STATUSES: Mapping[str, tuple[str, ...]] = {
    "open": ("open", "new", "active", "в работе", "новый", "к выполнению", "принят"),
    "closed": ("closed", "completed", "done", "закрыт", "выполнен", "завершен", "завершён"),
    "cancelled": ("cancelled", "canceled", "отменен", "отменён", "отмена", "аннулирован"),
}
DIRECTIONS: Mapping[str, tuple[str, ...]] = {
    "in": ("in", "inbound", "incoming", "входящий", "вх", "приход", "1"),
    "out": ("out", "outbound", "outgoing", "исходящий", "исх", "расход", "возврат", "2"),
    "internal": ("internal", "внутренний", "внутр"),
}
MONEY_WAYS = {way: DIRECTIONS[way] for way in ("in", "out")}  # money moved between own accounts is nobody's payment
METHODS: Mapping[str, tuple[str, ...]] = {
    "bank": ("bank", "transfer", "банк", "безналичный", "безнал", "перевод"),
    "cash": ("cash", "наличные", "наличный", "нал", "касса"),
    "card": ("card", "acquiring", "карта", "эквайринг"),
    "online": ("online", "service", "онлайн", "платежный сервис"),
}
KINDS: Mapping[str, tuple[str, ...]] = {
    "company": ("company", "organization", "legal", "компания", "организация", "юридическое лицо", "юрлицо", "юр лицо"),
    "person": ("person", "individual", "contact", "физическое лицо", "физлицо", "физ лицо", "контакт", "частное лицо"),
}
TASKS: Mapping[str, tuple[str, ...]] = {
    "call": ("call", "звонок"),
    "meeting": ("meeting", "встреча"),
    "task": ("task", "задача", "дело"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One logical column: its name, how it is read, whether a row without it is refused, the words it may be, what it means."""

    name: str
    kind: Kind = "text"
    meaning: str = ""
    required: bool = False
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Feed:
    """One kind of record.

    Attributes:
        columns: in the order of the payload.
        key: columns that identify a record where the configuration names no key of its own; empty: the configuration must.
        marts: where it ends.
        snapshot: a picture of now, of which any share may vanish.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    marts: tuple[str, ...]
    snapshot: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)


_ID = Column("id", meaning="its id in that system", required=True)
_CUSTOMER = Column("customer_id", meaning="id of the customer")
_MANAGER = Column("manager_id", meaning="id of the responsible employee")
_CURRENCY = Column("currency_code", "currency", "currency; default the company's")
_ORIGIN = (
    Column("utm_source", meaning="mark of the link"),
    Column("utm_medium", meaning="mark of the link"),
    Column("utm_campaign", meaning="mark of the link"),
    Column("crm_source", meaning="where it came from, in that system's words"),
)

FEEDS: dict[str, Feed] = {
    "customers": Feed(
        (
            _ID,
            Column("name", meaning="name", required=True),
            Column("kind", "word", "company or person", words=KINDS),
            Column("tax_id", meaning="tax number"),
            Column("kpp", meaning="second tax number of a Russian branch"),
            Column("phone", meaning="one or several, divided by commas or semicolons"),
            Column("email", meaning="one or several"),
            Column("city", meaning="city"),
            _MANAGER,
            Column("parent_id", meaning="id of the customer this one belongs to"),
            Column("code", meaning="its code in the books or another system"),
            Column("created_at", "moment", "when it was made"),
            Column("url", meaning="address of its card"),
        ),
        ("id",),
        ("dim_customers", "customer_links"),
    ),
    "contacts": Feed(
        (
            _ID,
            Column("name", meaning="name of the person", required=True),
            _CUSTOMER,
            Column("phone", meaning="one or several"),
            Column("email", meaning="one or several"),
            _MANAGER,
            Column("created_at", "moment", "when it was made"),
            Column("url", meaning="address of its card"),
        ),
        ("id",),
        ("dim_customers", "customer_links"),
    ),
    "managers": Feed(
        (
            _ID,
            Column("name", meaning="name", required=True),
            Column("email", meaning="e-mail"),
            Column("code", meaning="internal code that several systems share"),
            Column("extension", meaning="internal phone number"),
            Column("department", meaning="department"),
            Column("is_active", "flag", "works here"),
        ),
        ("id",),
        ("dim_managers", "manager_kpi"),
    ),
    "products": Feed(
        (
            _ID,
            Column("name", meaning="name", required=True),
            Column("sku", meaning="article"),
            Column("category", meaning="category"),
            Column("unit", meaning="unit"),
        ),
        ("id",),
        ("dim_products",),
    ),
    "stages": Feed(
        (
            Column("stage", meaning="the stage as deals name it", required=True),
            Column("pipeline", meaning="its pipeline, as deals name it"),
            Column("name", meaning="its name, if deals name it by an id"),
            Column("pipeline_name", meaning="the pipeline's name, if deals name it by an id"),
            Column("position", "integer", "its place in the pipeline"),
            Column("status", "word", "open, won or lost", words=DEAL_STATUSES),
        ),
        ("pipeline", "stage"),
        ("dim_stages", "sales_funnel"),
    ),
    "deals": Feed(
        (
            _ID,
            Column("name", meaning="title"),
            Column("pipeline", meaning="pipeline; default one for all"),
            Column("stage", meaning="stage", required=True),
            Column("status", "word", "open, won or lost; else that of the stage", words=DEAL_STATUSES),
            _CUSTOMER,
            Column("contact_id", meaning="id of the contact person"),
            _MANAGER,
            Column("amount", "money", "sum with VAT"),
            _CURRENCY,
            Column("created_at", "moment", "when it was made", required=True),
            Column("updated_at", "moment", "when it was changed last"),
            Column("closed_at", "moment", "when it was won or lost"),
            Column("loss_reason", meaning="why it was lost"),
            *_ORIGIN,
            Column("lead_id", meaning="id of the lead it was made from"),
            Column("order_number", meaning="number of the order in the books"),
            Column("url", meaning="address of its card"),
        ),
        ("id",),
        ("fct_deals", "sales_funnel"),
    ),
    "deal_stages": Feed(
        (
            Column("deal_id", meaning="id of the deal", required=True),
            Column("entered_at", "moment", "when the deal entered the stage", required=True),
            Column("pipeline", meaning="pipeline"),
            Column("stage", meaning="the stage it entered", required=True),
            Column("status", "word", "open, won or lost", words=DEAL_STATUSES),
            _MANAGER,
        ),
        ("deal_id", "entered_at", "stage"),
        ("fct_deal_stage_entries", "sales_funnel"),
    ),
    "leads": Feed(
        (
            _ID,
            Column("status", "word", "open, converted or lost", words=LEAD_STATUSES),
            _CUSTOMER,
            Column("contact_id", meaning="id of the contact person"),
            _MANAGER,
            Column("deal_id", meaning="id of the deal it became"),
            Column("created_at", "moment", "when it came", required=True),
            Column("closed_at", "moment", "when it was converted or lost"),
            *_ORIGIN,
            Column("loss_reason", meaning="why it was lost"),
        ),
        ("id",),
        ("fct_leads",),
    ),
    "tasks": Feed(
        (
            _ID,
            Column("kind", "word", "call, meeting or task", words=TASKS),
            Column("deal_id", meaning="id of the deal"),
            _CUSTOMER,
            _MANAGER,
            Column("created_at", "moment", "when it was made", required=True),
            Column("due_at", "moment", "when it is due"),
            Column("completed_at", "moment", "when it was done"),
        ),
        ("id",),
        ("fct_tasks", "fct_activities"),
    ),
    "calls": Feed(
        (
            _ID,
            Column("call_group", meaning="id that the legs of one call share"),
            Column("started_at", "moment", "when it began", required=True),
            Column("direction", "word", "in, out or internal", required=True, words=DIRECTIONS),
            Column("phone", meaning="number of the other side"),
            _MANAGER,
            Column("extension", meaning="internal number that talked or was rung"),
            _CUSTOMER,
            Column("deal_id", meaning="id of the deal"),
            Column("talk_seconds", "number", "seconds of talk"),
            Column("wait_seconds", "number", "seconds before the answer"),
            Column("is_answered", "flag", "somebody talked; default whether talk_seconds is more than 0"),
        ),
        ("id",),
        ("fct_calls", "manager_kpi"),
    ),
    "orders": Feed(
        (
            _ID,
            Column("number", meaning="number for people"),
            Column("order_date", "day", "its day", required=True),
            _CUSTOMER,
            _MANAGER,
            Column("deal_id", meaning="id of the deal it came from"),
            Column("amount", "money", "sum with VAT, of an order without lines; else the sum of these counts"),
            Column("vat", "money", "VAT inside it, likewise"),
            _CURRENCY,
            Column("status", "word", "open, closed or cancelled", words=ORDER_STATUSES),
            Column("due_date", "day", "when it is to be paid"),
            Column("organisation_id", meaning="id of the own legal entity"),
        ),
        ("id",),
        ("fct_orders", "order_changes"),
    ),
    "order_lines": Feed(
        (
            Column("order_id", meaning="id of the order", required=True),
            Column("line_number", "integer", "its number in the order", required=True),
            Column("product_id", meaning="id of the product"),
            Column("quantity", "number", "how many"),
            Column("price", "number", "price of one, with VAT"),
            Column("discount", "money", "taken off the line"),
            Column("amount", "money", "sum of the line with VAT", required=True),
            Column("vat", "money", "VAT inside it"),
            Column("is_cancelled", "flag", "the line counts no more"),
        ),
        ("order_id", "line_number"),
        ("fct_order_lines", "fct_orders", "order_changes"),
    ),
    "sales": Feed(
        (
            Column("document_id", meaning="id of the document", required=True),
            Column("line_number", "integer", "its number in the document; default: as the rows of the document stand"),
            Column("document_number", meaning="number for people"),
            Column("sale_date", "day", "the day of the sale", required=True),
            _CUSTOMER,
            Column("product_id", meaning="id of the product"),
            _MANAGER,
            Column("order_id", meaning="id of the order"),
            Column("deal_id", meaning="id of the deal"),
            Column("warehouse_id", meaning="id of the warehouse"),
            Column("organisation_id", meaning="id of the own legal entity"),
            Column("quantity", "number", "how many; negative for a return"),
            Column("revenue", "money", "sum with VAT; negative for a return", required=True),
            Column("vat", "money", "VAT inside it"),
            Column("cost", "money", "cost without VAT"),
            _CURRENCY,
            Column("is_return", "flag", "goods came back; default whether revenue is negative"),
        ),
        ("document_id", "line_number"),
        ("fct_sales", "revenue_daily"),
    ),
    "payments": Feed(
        (
            _ID,
            Column("paid_at", "moment", "when the money came", required=True),
            Column("direction", "word", "in, or out for money given back; default in", words=MONEY_WAYS),
            Column("amount", "money", "sum, never negative", required=True),
            _CURRENCY,
            _CUSTOMER,
            Column("order_id", meaning="id of the order"),
            Column("deal_id", meaning="id of the deal"),
            Column("method", "word", "bank, cash, card or online", words=METHODS),
            Column("organisation_id", meaning="id of the own legal entity"),
            Column("purpose", meaning="what it is for"),
        ),
        ("id",),
        ("fct_payments",),
    ),
    "campaign_costs": Feed(
        (
            Column("cost_date", "day", "the day", required=True),
            Column("campaign_id", meaning="id of the campaign", required=True),
            Column("campaign_name", meaning="its name"),
            Column("channel", meaning="channel, if it is known"),
            Column("utm_source", meaning="mark of its links"),
            Column("utm_medium", meaning="mark of its links"),
            Column("utm_campaign", meaning="mark of its links"),
            Column("impressions", "integer", "times shown"),
            Column("clicks", "integer", "clicks"),
            Column("cost", "money", "what it cost", required=True),
            _CURRENCY,
            Column("include_vat", "flag", "the cost holds VAT"),
        ),
        ("cost_date", "campaign_id"),
        ("fct_campaign_costs", "marketing_roi"),
        snapshot=True,
    ),
    "stock": Feed(
        (
            Column("product_id", meaning="id of the product", required=True),
            Column("warehouse_id", meaning="id of the warehouse"),
            Column("quantity", "number", "how many there are now", required=True),
        ),
        ("product_id", "warehouse_id"),
        ("fct_stock",),
        snapshot=True,
    ),
    "plans": Feed(
        (
            Column("month", "day", "a day of the month", required=True),
            Column("metric", meaning="revenue, gross_profit, cash, deals_won, contacts or average_sale", required=True),
            Column("scope_kind", meaning="company, department, manager, product_category or customer"),
            Column("scope_key", meaning="whose plan it is"),
            Column("value", "money", "the plan", required=True),
        ),
        ("month", "metric", "scope_kind", "scope_key"),
        ("revenue_plan_months", "plan_fact"),
        snapshot=True,
    ),
    "exchange_rates": Feed(
        (
            Column("rate_date", "day", "from this day on", required=True),
            Column("currency_code", "currency", "currency", required=True),
            Column("rate_to_base", "number", "company currency for so many units", required=True),
            Column("units", "integer", "units; default 1"),
        ),
        ("rate_date", "currency_code"),
        ("exchange_rates",),
    ),
}
