"""The streams of 1C, in loading order: catalogs, documents, then what the documents move."""

from __future__ import annotations

from ingestion.spec import Stream

_CATALOG = "complete list of Ref_Key and DataVersion on every run, changed items by key; deletions: missing from the list"
_DOCUMENT = (
    "first load by windows of Date; refresh compares DataVersion over the open months; the sweep over all dates; "
    "deletions: missing from the list"
)
_REGISTER = "rows by recorder: those of changed documents, months whose count differs; the sweep reads the last closed months again"
_PERIODS = "by Period: the last 10 days on every refresh, everything at the sweep"
_BALANCE = "snapshot of the balance table: when a document changed, at least hourly"
_OPENING = "the balance table at the first day that is loaded: once, and again at every sweep"


# every write in 1C makes a new DataVersion, also one that changes nothing, as when a closed month is posted again
_VOLATILE = ("DataVersion",)


def _catalog(name: str, *feeds: str) -> Stream:
    return Stream(name, _CATALOG, feeds, volatile=_VOLATILE)


def _document(name: str, *feeds: str, versioned: bool = False) -> Stream:
    return Stream(name, _DOCUMENT, feeds, volatile=_VOLATILE, versioned=versioned)


STREAMS = (
    _catalog("organisations", "dim_organisations"),
    _catalog("currencies", "exchange_rates"),
    Stream("currency_rates", _PERIODS, ("exchange_rates",)),
    _catalog("warehouses", "dim_warehouses"),
    _catalog("departments", "dim_managers"),
    _catalog("managers", "dim_managers"),
    _catalog("partners", "dim_customers", "customer_links"),
    _catalog("counterparties", "dim_customers", "customer_links"),
    _catalog("contracts", "fct_orders", "receivables"),
    _catalog("product_categories", "dim_products"),
    _catalog("units", "dim_products"),
    _catalog("products", "dim_products"),
    _catalog("product_keys", "fct_sales", "fct_stock"),
    _catalog("partner_keys", "fct_sales", "customer_advances"),
    _catalog("cash_articles", "fct_payments"),
    _catalog("bank_accounts", "cash_balances"),
    _catalog("cash_desks", "cash_balances"),
    _catalog("tills", "cash_balances"),
    _catalog("leads", "fct_leads"),
    _catalog("deals", "fct_deals", "fct_orders"),
    _document("orders", "fct_orders", "fct_order_lines", "order_payment_stages", "order_changes", versioned=True),
    _document("shipments", "fct_orders", "fct_sales", "receivables"),
    _document("returns", "fct_sales", "fct_claims"),
    _document("bank_receipts", "fct_payments"),
    _document("bank_payments", "fct_payments"),
    _document("cash_receipts", "fct_payments"),
    _document("cash_payments", "fct_payments"),
    _document("card_operations", "fct_payments"),
    _document("money_transfers", "cash_balances"),
    _document("retail_receipts", "fct_sales", "fct_payments"),
    _document("retail_returns", "fct_sales", "fct_payments"),
    _document("retail_reports", "fct_sales"),
    _document("claims", "fct_claims"),
    _document("discrepancy_acts", "fct_claims"),
    _document("return_requests", "fct_claims"),
    _document("phone_calls", "fct_calls"),
    _document("events", "fct_activities"),
    Stream("sales_register", _REGISTER, ("fct_sales", "revenue_daily")),
    Stream("receivables_balance", _BALANCE, ("receivables", "customer_advances"), snapshot=True),
    Stream("payables_balance", _BALANCE, ("payables",), snapshot=True),
    Stream("stock_balance", _BALANCE, ("fct_stock",), snapshot=True),
    Stream("till_balance", _BALANCE, ("cash_balances",), snapshot=True, may_be_empty=True),
    Stream("receivables_opening_balance", _OPENING, ("fct_orders", "receivables", "customer_advances"), snapshot=True),
    Stream("bank_opening_balance", _OPENING, ("cash_balances",), snapshot=True),
    Stream("cash_opening_balance", _OPENING, ("cash_balances",), snapshot=True),
)

OPENINGS = frozenset({"receivables_opening_balance", "bank_opening_balance", "cash_opening_balance"})
BALANCES = frozenset({"receivables_balance", "payables_balance", "stock_balance", "till_balance"}) | OPENINGS
STREAM_NAMES = frozenset(stream.name for stream in STREAMS)
