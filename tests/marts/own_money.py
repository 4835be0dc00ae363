"""Own money and debts to suppliers as the marts must show them, from the truth behind 1C's registers."""

from datetime import date
from decimal import Decimal

from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_accounts import account_key, accounts, carried, owed, positions
from ingestion.sandbox.onec_values import ref
from tests.marts.expected import cents
from tests.marts.keys import BOOKS
from tests.marts.sandbox_warehouse import AS_OF


def own_money(company: Company, profile: str) -> dict[tuple[str, str], Decimal]:
    """Balances by (account_key, currency). УНФ also carries money by a document of its own; БП has no cash desks."""
    known = {one.key: one for one in accounts(company)}
    sums = positions(company, AS_OF)
    if profile == "unf":
        moved = carried(company, AS_OF)
        sums[account_key("cash", 1, company.currency), company.currency] -= moved
        sums[account_key("bank", 1, company.currency), company.currency] += moved
    found = {}
    for (key, currency), amount in sums.items():
        one = known[key]
        if one.kind == "cash" and profile == "bp":
            key = f"cash:{ref('organisation', one.organisation)}"
        suffix = "" if currency == one.currency else f":{currency}"
        found[f"{BOOKS}:{key}{suffix}", currency] = amount
    return found


def owed_to_suppliers(company: Company) -> list[tuple[str, Decimal, date]]:
    """(document_key, debt in the company currency, day of payment) of every supply that is not paid."""
    return [(f"{BOOKS}:{ref('delivery', one.name)}", cents(left * one.rate), one.due_on) for one, left in owed(company, AS_OF)]
