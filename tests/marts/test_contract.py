"""The published file is what the contract says: every table of the delivery, every column with its type, every grain unique."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.marts.sandbox_warehouse import AS_OF, PublishedSandbox

CONTRACT = Path(__file__).parents[1] / "contract" / "marts.yml"
SPELLINGS = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}


def contract() -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["tables"]
    return tables


@pytest.mark.parametrize("table", [name for name, told in contract().items() if told["in"] == "main"])
def test_a_table_has_its_columns_and_grain(published_sandbox: PublishedSandbox, table: str) -> None:
    told = contract()[table]
    with duckdb.connect(str(published_sandbox.path), read_only=True) as connection:
        columns = connection.execute(
            "select column_name, data_type from information_schema.columns where table_schema = 'marts' and table_name = ?", [table]
        ).fetchall()
        types = {name: SPELLINGS.get(kind, kind) for name, kind in columns}
        grain = ", ".join(told["grain"])
        repeated = connection.execute(f"select {grain} from marts.{table} group by {grain} having count(*) > 1 limit 5").fetchall()
        kind = connection.execute("select table_type from information_schema.tables where table_name = ?", [table]).fetchone()
    assert {name: types.get(name) for name in told["columns"]} == told["columns"]
    assert repeated == []
    assert kind == ("BASE TABLE",)


def test_tables_of_the_analysis_that_exist_keep_to_it_too(published_sandbox: PublishedSandbox) -> None:
    with duckdb.connect(str(published_sandbox.path), read_only=True) as connection:
        rows = connection.execute("select table_name, column_name, data_type from information_schema.columns").fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = SPELLINGS.get(kind, kind)
    later = {name: told["columns"] for name, told in contract().items() if told["in"] != "main" and name in found}
    assert {name: {column: found[name].get(column) for column in columns} for name, columns in later.items()} == later
    assert set(found) <= set(contract()), "a table that the contract does not know is published"


def test_unknown_is_null_never_an_empty_text(published_sandbox: PublishedSandbox) -> None:
    with duckdb.connect(str(published_sandbox.path), read_only=True) as connection:
        texts = connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'marts' and data_type = 'VARCHAR'"
        ).fetchall()
        empty = [
            f"{table}.{column}"
            for table, column in texts
            if connection.execute(f"""select count(*) from marts.{table} where "{column}" = ''""").fetchone() != (0,)
        ]
    assert empty == []


def test_the_file_says_what_it_is(published_sandbox: PublishedSandbox) -> None:
    rows = published_sandbox.mart("publication").rows(named=True)
    assert len(rows) == 1
    company = published_sandbox.company
    told = (rows[0]["as_of_date"], rows[0]["company_name"], rows[0]["base_currency"], rows[0]["timezone"])
    assert told == (AS_OF, company.name, company.currency, "Europe/Moscow")
    assert rows[0]["run_id"] in published_sandbox.path.name


def test_freshness_counts_what_the_systems_hold(published_sandbox: PublishedSandbox) -> None:
    company = published_sandbox.company
    found = {(row["source"], row["stream"]): row for row in published_sandbox.mart("data_freshness").iter_rows(named=True)}
    wanted = {
        ("books", "orders"): len(company.orders),
        ("books", "shipments"): len(company.shipments),
        ("books", "returns"): len(company.returns),
        ("sales", "leads"): len(company.deals_of("amocrm")),
        ("portal", "deals"): len(company.deals_of("bitrix24")),
        ("portal", "calls"): sum(call.system == "bitrix24" for call in company.calls),
        ("ads", "campaign_costs"): sum(company.campaign[one.campaign].system == "yandex_direct" for one in company.campaign_days),
        ("plans", "plans"): len(company.plans),
    }
    assert {name: found[name]["rows_total"] for name in wanted} == wanted
    assert all(row["last_loaded_at"] is not None and not row["is_stale"] for row in found.values())
    assert all(row["rows_deleted"] == 0 for row in found.values())
