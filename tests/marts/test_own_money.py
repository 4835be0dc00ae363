"""Cash balances and debts to suppliers of the published company (УТ) against the truth."""

import polars as pl

from ingestion.sandbox.onec_accounts import accounts
from tests.marts.expected import cents
from tests.marts.own_money import owed_to_suppliers, own_money
from tests.marts.sandbox_warehouse import PublishedSandbox


def test_balances_are_the_opening_ones_and_what_moved_since(published_sandbox: PublishedSandbox) -> None:
    found = published_sandbox.mart("cash_balances")
    balances = {
        (name, currency): balance for name, currency, balance in found.select("account_key", "currency_code", "balance").iter_rows()
    }
    assert balances == own_money(published_sandbox.company, "ut")
    opened = {one.name: one.opening for one in accounts(published_sandbox.company)}
    assert dict(found.select("account_name", "opening_balance").iter_rows()) == opened
    assert set(found["opening_date"]) == {published_sandbox.company.started_on}


def test_a_foreign_account_is_valued_at_the_rate_of_the_day(published_sandbox: PublishedSandbox) -> None:
    foreign = published_sandbox.mart("cash_balances").filter(pl.col("currency_code") != "RUB")
    assert foreign.height > 0
    rates = published_sandbox.mart("exchange_rates").filter(pl.col("rate_date") <= published_sandbox.as_of)
    for currency, balance, in_base in foreign.select("currency_code", "balance", "balance_base").iter_rows():
        rate = rates.filter(pl.col("currency_code") == currency).sort("rate_date")["rate_to_base"][-1]
        assert cents(balance * rate) == in_base


def test_debts_to_suppliers_with_their_days(published_sandbox: PublishedSandbox) -> None:
    found = published_sandbox.mart("payables")
    rows = {name: (debt, day) for name, debt, day in found.select("document_key", "debt", "due_date").iter_rows()}
    assert rows == {name: (debt, day) for name, debt, day in owed_to_suppliers(published_sandbox.company)}
    late = {(published_sandbox.as_of - day).days for _, day in rows.values() if day < published_sandbox.as_of}
    assert set(found.filter(pl.col("overdue_days") > 0)["overdue_days"]) == late
    assert set(found["bucket"]) >= {"not_due", "1-30", "90+"}
