"""Who may see which rows, and which contacts in them: a scope, and the views that hold it.

Every question is asked of a schema `marts` made of views, one per published table, that already carry the scope's filter. A
question therefore cannot forget it, and a table that has no rule is closed to everyone but scope `all`.

The rule: a row belongs to the manager of its customer (dim_customers.manager_key); without a customer, to its own manager_key.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

ScopeKind = Literal["all", "department", "manager"]

# Reference data that tells nothing of customers, people's results or the company's money.
OPEN_TABLES = frozenset(
    {
        "publication",
        "data_freshness",
        "dim_dates",
        "dim_organisations",
        "dim_warehouses",
        "dim_products",
        "dim_stages",
        "dim_campaigns",
        "exchange_rates",
        "fct_stock",
        # which goods go together in everybody's sales: who offers needs it, and it names nobody
        "product_affinity",
    }
)
# Tables that carry neither customer nor manager, and the parent whose scope they share.
PARENTS = {
    "fct_deal_stage_entries": ("deal_key", "fct_deals"),
    "fct_order_lines": ("order_key", "fct_orders"),
    "order_payment_stages": ("order_key", "fct_orders"),
    "order_changes": ("order_key", "fct_orders"),
    "payment_links": ("payment_key", "fct_payments"),
}
# Plans are of the company, of departments and of goods too: of these only who sees the whole of them reads.
PLANS = "plan_fact"
# Rows that tell of a second customer, whose manager may be another: only who sees everything reads them.
TWO_CUSTOMERS = {"reconciliation": "check_name <> 'duplicate_customer'"}

# Who calls and writes to customers needs their numbers and addresses; figures can be read without.
CONTACT_ROLES = frozenset({"director", "manager"})
# Addresses of colleagues are no customer's.
UNMASKED_TABLES = frozenset({"dim_managers"})


@dataclass(frozen=True)
class Scope:
    """Whose rows a reader may see; hashable, so that caches can be keyed by it.

    Attributes:
        kind: `all`, `department` or `manager`.
        value: the department's name or the manager_key; empty for `all`.
        contacts: whether phones and e-mails are shown; else they are masked, wherever they stand.
    """

    kind: ScopeKind = "all"
    value: str = ""
    contacts: bool = True

    def __post_init__(self) -> None:
        """A narrowed scope must say to what; an empty value would otherwise mean nobody by accident."""
        if (self.kind == "all") != (self.value == ""):
            msg = f"The scope {self.kind!r} with value {self.value!r} is not one: only scope all has no value."
            raise ValueError(msg)


ALL = Scope()


def scope_of(role: str, scope: Scope) -> Scope:
    """A person's scope with what their role need not see taken out."""
    return replace(scope, contacts=role in CONTACT_ROLES)


def allowed_managers(scope: Scope, source: str) -> tuple[str, dict[str, object]]:
    """The statement that lists the manager_key values of a narrowed scope, and its parameters.

    Args:
        scope: a scope of kind department or manager.
        source: the qualified schema of the published tables.
    """
    if scope.kind == "manager":
        return "select cast($value as varchar) as manager_key", {"value": scope.value}
    return f"select manager_key from {source}.dim_managers where department = $value", {"value": scope.value}


def row_filter(table: str, columns: Iterable[str], scope: Scope, source: str, allowed: str) -> str:
    """The condition that a published table's rows must meet for a scope.

    Args:
        table: the table's name.
        columns: its columns.
        scope: whose rows.
        source: the qualified schema of the published tables.
        allowed: the qualified table of permitted manager_key values.
    """
    names = set(columns)
    if scope.kind == "all" or table in OPEN_TABLES:
        return "true"
    mine = f"manager_key in (select manager_key from {allowed})"
    customers = f"customer_key in (select customer_key from {source}.dim_customers where {mine})"
    if table in ("dim_customers", "dim_managers"):
        return mine
    if table == PLANS:
        seen = {
            "manager": f"select manager_key from {allowed}",
            "customer": f"select customer_key from {source}.dim_customers where {mine}",
        }
        if scope.kind == "department":
            seen["department"] = f"select department from {source}.dim_managers where {mine}"
        return " or ".join(f"(scope_kind = '{kind}' and scope_key in ({keys}))" for kind, keys in seen.items())
    if table in TWO_CUSTOMERS:
        return f"({TWO_CUSTOMERS[table]}) and ((customer_key is not null and {customers}) or (customer_key is null and {mine}))"
    if {"customer_key", "manager_key"} <= names:
        return f"(customer_key is not null and {customers}) or (customer_key is null and {mine})"
    if "customer_key" in names:
        return customers
    if "manager_key" in names:
        return mine
    if table in PARENTS:
        key, parent = PARENTS[table]
        inner = row_filter(parent, ("customer_key", "manager_key"), scope, source, allowed)
        return f"{key} in (select {key} from {source}.{parent} where {inner})"
    return "false"


def view_statements(tables: Mapping[str, Iterable[str]], scope: Scope, catalog: str, source: str) -> list[str]:
    """The statements that make schema marts of a scope's catalog out of the published tables.

    Args:
        tables: columns by table name.
        scope: whose rows.
        catalog: the catalog that receives the views.
        source: the qualified schema of the published tables.
    """
    statements = [f"create schema {catalog}.marts"]
    for table, columns in tables.items():
        names = tuple(columns)
        condition = row_filter(table, names, scope, source, f"{catalog}.main.allowed_managers")
        chosen = "*" if scope.contacts else masked_columns(table, names)
        statements.append(f'create view {catalog}.marts."{table}" as select {chosen} from {source}."{table}" where {condition}')
    return statements


def masked_phone(column: str) -> str:
    """The number's last two digits, so that two of them can still be told apart."""
    return f"case when {column} is not null then '•••' || right({column}, 2) end"


def masked_email(column: str) -> str:
    """The first letter and the house."""
    return f"case when {column} is not null then left({column}, 1) || '•••@' || split_part({column}, '@', 2) end"


def masked_text(column: str) -> str:
    """A text that a CRM or a person may have put a number or an address into, without them."""
    # ten digits or more: a day has eight
    without_numbers = rf"regexp_replace({column}, '\+?\d(?:[ ()\-]*\d){{9,}}', '•••', 'g')"
    return rf"regexp_replace({without_numbers}, '[^\s@]+@[^\s@]+', '•••@•••', 'g')"


def masked_name(column: str) -> str:
    """A name without them; searched at every letter, so only one that looks like a number or an address is reworked."""
    like_a_contact = f"left({column}, 1) in ('+', '(') or left({column}, 1) between '0' and '9' or contains({column}, '@')"
    return f"case when {like_a_contact} then {masked_text(column)} else {column} end"


def masked_search(_column: str) -> str:
    """What is searched holds the digits of phones: guessing them piece by piece would find them out."""
    return f"lower(concat_ws(' ', {masked_name('customer_name')}, tax_id))"


Mask = Callable[[str], str]
MASKS: Mapping[str, Mask] = {
    "phone": masked_phone,
    "email": masked_email,
    "customer_name": masked_name,
    "deal_name": masked_text,
    "details": masked_text,
    "search_text": masked_search,
}


def masked_columns(table: str, columns: Iterable[str], masks: Mapping[str, Mask] = MASKS) -> str:
    """The select list of a table without anybody's phone or address.

    Args:
        table: the table's name.
        columns: its columns.
        masks: what is shown in place of each column of MASKS, in the words of an engine.
    """
    masked = [name for name in columns if name in MASKS and table not in UNMASKED_TABLES]
    return f"* replace ({', '.join(f'{masks[name](name)} as {name}' for name in masked)})" if masked else "*"
