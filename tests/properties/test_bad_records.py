"""One record, or every second one, spoilt in any field: a build never fails of it, its tests pass, and its key is shown somewhere."""

import json
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import polars as pl
import pytest

from tests.marts.sandbox_warehouse import PublishedSandbox
from tests.properties.compiled import CompiledProject, memory
from tests.properties.dirt import spoil
from tests.properties.pool import NOT_MADE

BOOKS_NOTHING = "0001-01-01T00:00:00"
NOBODY = "00000000-0000-0000-0000-000000000000"
NO_CURRENCY = "99999999-0000-0000-0000-000000000000"


def replaced(connection: duckdb.DuckDBPyConnection, table: str, records: list[tuple[str, str, str]]) -> None:
    """Put other payloads under (source, key)."""
    schema = {"source": pl.String, "key": pl.String, "payload": pl.String}
    connection.register("changed", pl.DataFrame(records, schema=schema, orient="row").to_arrow())
    connection.execute(
        f"update raw.{table} as present set payload = changed.payload::json from changed"
        " where present._source = changed.source and present._key = changed.key"
    )
    connection.unregister("changed")


def stored(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str, Any]]:
    """(source, key, payload) of every record of a raw table."""
    rows = connection.execute(f"select _source, _key, payload from raw.{table} where not _deleted order by 1, 2").fetchall()
    return [(source, key, json.loads(payload)) for source, key, payload in rows]


def made(compiled: CompiledProject, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Run everything that a company's records go through; the names of the models."""
    compiled.run(connection, select=lambda model: model.name not in NOT_MADE)
    return [name for name in compiled.models if name not in NOT_MADE]


@pytest.fixture
def warehouse(published_sandbox: PublishedSandbox) -> Path:
    return published_sandbox.settings.warehouse_file


def test_values_of_another_type_stop_no_build(compiled: CompiledProject, warehouse: Path) -> None:
    """Every third record, in one field or several."""
    rng, connection = Random(1), memory(warehouse)
    tables = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'raw' and table_name <> 'skvoz__calendar' order by 1"
    )
    for (table,) in tables.fetchall():
        records = []
        for source, key, payload in stored(connection, table):
            if rng.random() < 1 / 3:
                spoil(payload, rng, rng.choice((1, 1, 2, 5)))
                records.append((source, key, json.dumps(payload, ensure_ascii=False)))
        if records:
            replaced(connection, table, records)
    names = made(compiled, connection)
    assert compiled.broken(connection, names) == {}


# what a record says, and how the checks tell it: (stream, field, value, rule of contradictory_record or another check)
CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "an order of the year 1": ("onec__orders", {"Date": BOOKS_NOTHING}, "contradictory_record:record_without_date"),
    "an order of the year 3999": ("onec__orders", {"Date": "3999-12-31T00:00:00"}, "contradictory_record:record_without_date"),
    "a shipment without a day": ("onec__shipments", {"Date": ""}, "contradictory_record:record_without_date"),
    "a shipment in other money without a day": (
        "onec__shipments", {"Date": "", "Валюта_Key": NO_CURRENCY}, "contradictory_record:record_without_date"
    ),
    "a sum in words": ("onec__bank_receipts", {"СуммаДокумента": "сто рублей"}, "contradictory_record:unreadable_fields:bank_receipt"),
    "a sum that no money has": ("onec__orders", {"СуммаДокумента": 1e30}, "contradictory_record:unreadable_fields:order"),
    "an unknown currency": ("onec__orders", {"Валюта_Key": "11111111-1111-1111-1111-111111111111"}, "missing_exchange_rate:order"),
    "a negative quantity": ("onec__shipments", {"Товары.0.Количество": "-5"}, "contradictory_record:quantity_negative"),
    "an unreadable quantity": ("onec__orders", {"Товары.0.Количество": "много"}, "contradictory_record:unreadable_fields:order_lines"),
    "a stage that no pipeline has": ("amocrm__leads", {"status_id": 777}, "contradictory_record:deal_in_unknown_stage"),
    "a negative deal": ("amocrm__leads", {"price": -100}, "contradictory_record:deal_amount_negative"),
    "a deal closed before it was made": (
        "amocrm__leads", {"status_id": 142, "created_at": 1_770_000_000, "closed_at": 1_740_000_000},
        "contradictory_record:deal_closed_before_created",
    ),
    "a moment beyond all calendars": ("amocrm__leads", {"created_at": 10**18}, "contradictory_record:unreadable_fields:deal"),
    "a deal in no currency": ("bitrix24__deals", {"currencyId": "QQQ", "opportunity": 5}, "missing_exchange_rate:deal"),
    "a deal of nobody": ("bitrix24__deals", {"assignedById": "99999", "ASSIGNED_BY_ID": "99999"}, "unknown_manager:deal"),
    "a plan of nobody knows what": ("spreadsheet__plans", {"metric": "luck"}, "contradictory_record:plan_not_understood"),
    "a plan without a number": ("spreadsheet__plans", {"value": "much"}, "contradictory_record:unreadable_fields:plan"),
}  # fmt: skip


def put(payload: Any, path: str, value: Any) -> None:
    """Set the value at a path like 'Товары.0.Сумма'."""
    *steps, last = path.split(".")
    for step in steps:
        payload = payload[int(step) if step.isdigit() else step]
    payload[last] = value


@pytest.fixture(scope="module")
def contradicted(compiled: CompiledProject, published_sandbox: PublishedSandbox) -> tuple[duckdb.DuckDBPyConnection, dict[str, str]]:
    """Marts of the sandbox with one record spoilt for each case, and that record's key."""
    connection, keys, taken = memory(published_sandbox.settings.warehouse_file), {}, set()
    for name, (table, values, _) in CASES.items():
        for source, key, payload in stored(connection, table):
            usable = payload.get("Posted", True) and not payload.get("DeletionMark") and payload.get("Товары", True)
            if usable and (table, key) not in taken:
                for path, value in values.items():
                    put(payload, path, value)
                replaced(connection, table, [(source, key, json.dumps(payload, ensure_ascii=False))])
                taken.add((table, key))
                keys[name] = f"{source}:{key}"
                break
    source, deal = next((source, key) for source, key, _ in stored(connection, "amocrm__leads") if ("amocrm__leads", key) not in taken)
    enquiries = [one for one in stored(connection, "amocrm__unsorted") if one[0] == source][:2]
    for _, _, enquiry in enquiries:
        put(enquiry, "_embedded.leads", [{"id": int(deal)}])
    replaced(connection, "amocrm__unsorted", [(source, key, json.dumps(one, ensure_ascii=False)) for _, key, one in enquiries])
    keys["a deal of two enquiries"] = f"{source}:{deal}"
    paid = set(published_sandbox.mart("fct_payments").drop_nulls(["customer_key", "order_key"])["order_key"])
    source, order, payload = next(
        (source, key, one)
        for source, key, one in stored(connection, "onec__orders")
        if f"{source}:{key}" in paid and ("onec__orders", key) not in taken
    )
    payload |= {"Партнер_Key": NOBODY, "Контрагент_Key": NOBODY}
    replaced(connection, "onec__orders", [(source, order, json.dumps(payload, ensure_ascii=False))])
    keys["an order of nobody"] = f"{source}:{order}"
    connection.execute(
        "insert into raw.feed__plans by name select 'sheet' as _source, 'p1' as _key, now() as _loaded_at, 1 as _load_id,"
        """ false as _deleted, '{"month": "2026-03-01", "metric": "luck", "value": "7"}'::json as payload"""
    )
    assert compiled.broken(connection, made(compiled, connection)) == {}
    return connection, keys


@pytest.mark.parametrize("case", CASES)
def test_the_record_is_named(contradicted: tuple[duckdb.DuckDBPyConnection, dict[str, str]], case: str) -> None:
    connection, keys = contradicted
    found = connection.execute(
        "select issue_key from marts.reconciliation where starts_with(issue_key, ?) and contains(issue_key, ?)",
        [CASES[case][2], keys[case]],
    ).fetchall()
    assert found, f"{CASES[case][2]} … {keys[case]}"


def test_without_a_day_other_money_has_no_amount(contradicted: tuple[duckdb.DuckDBPyConnection, dict[str, str]]) -> None:
    connection, keys = contradicted
    known = {}
    for case in ("a shipment without a day", "a shipment in other money without a day"):
        rows = connection.execute(
            "select amount is not null from marts.reconciliation where contains(issue_key, ?)", [keys[case]]
        ).fetchall()
        known[case] = rows
    assert list(known.values()) == [[(True,)], [(False,)]], "there is no rate of no day"


def test_a_plan_of_a_feed_that_nobody_understands_is_named(contradicted: tuple[duckdb.DuckDBPyConnection, dict[str, str]]) -> None:
    connection, _ = contradicted
    found = connection.execute(
        "select amount from marts.reconciliation where contains(issue_key, 'plan_not_understood') and contains(issue_key, 'sheet:p1')"
    ).fetchall()
    assert found == [(None,)], "seven of nobody knows what are no seven roubles"


def test_every_enquiry_that_met_in_a_deal_is_a_lead(contradicted: tuple[duckdb.DuckDBPyConnection, dict[str, str]]) -> None:
    """Somebody who writes twice is linked to the deal there is; the deal is no lead beside them, and the build goes on."""
    connection, keys = contradicted
    deal = keys["a deal of two enquiries"]
    leads = connection.execute("select lead_key from marts.fct_leads where deal_key = ?", [deal]).fetchall()
    assert len(leads) == 2
    assert (deal,) not in leads


def test_money_for_an_order_of_nobody_keeps_who_paid_it(contradicted: tuple[duckdb.DuckDBPyConnection, dict[str, str]]) -> None:
    """The order is nobody's, so what was paid for it is in no customer's balance; the payment still says whose money it was."""
    connection, keys = contradicted
    found = connection.execute(
        "select orders.customer_key is null, payments.customer_key is null from marts.fct_orders as orders"
        " join marts.fct_payments as payments using (order_key) where order_key = ?",
        [keys["an order of nobody"]],
    ).fetchall()
    assert set(found) == {(True, False)}


def test_a_deal_of_a_system_without_pipelines_stands_in_no_unknown_stage(
    compiled: CompiledProject, contradicted: tuple[duckdb.DuckDBPyConnection, dict[str, str]]
) -> None:
    """1C keeps deals and no stages; of a system that lists none, those that mean both are divided into won and lost all the same."""
    connection, _ = contradicted
    won = "'books:1c:won' as stage_key, 'books' as source, 'won' as stage_kind, 1 as stage_position"
    connection.execute(f"insert into intermediate.int_stages select * replace ({won}) from intermediate.int_stages limit 1")
    replaced_columns = "'books:77' as deal_key, 'books' as source, 'books:1c:open' as stage_key"
    connection.execute(f"insert into intermediate.int_deals select * replace ({replaced_columns}) from intermediate.int_deals limit 1")
    compiled.run(connection, select=lambda model: model.name == "reconciliation")
    found = connection.execute("select issue_key from marts.reconciliation where contains(issue_key, 'deal_in_unknown_stage')").fetchall()
    assert found
    assert not [key for (key,) in found if "books:77" in key]


def test_a_deal_of_a_billion_is_money_like_any_other(compiled: CompiledProject, published_sandbox: PublishedSandbox) -> None:
    """DECIMAL(18,2) times DECIMAL(18,8) ends at 922 million in DuckDB; a company in soms or tenge has such deals every day."""
    connection = memory(published_sandbox.settings.warehouse_file)
    source, key, payload = stored(connection, "amocrm__leads")[0]
    payload["price"] = 9_000_000_000_000
    replaced(connection, "amocrm__leads", [(source, key, json.dumps(payload, ensure_ascii=False))])
    needed = compiled.upstream(["fct_deals"])
    compiled.run(connection, select=lambda model: model.name in needed)
    assert connection.execute("select amount_base from marts.fct_deals where deal_key = ?", [f"{source}:{key}"]).fetchone() == (
        9_000_000_000_000,
    )
