"""Representative models on the second engine: a record parsed and replaced, an array taken apart, windows over months, a contract."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2] / "dbt_project"
MODELS = [
    "staging/onec/stg_onec__orders.sql",
    "staging/onec/stg_onec__order_lines.sql",
    "intermediate/books/int_abc_xyz.sql",
    "marts/customers/abc_xyz_products.sql",
]
TOLD = ["staging/onec/_onec__sources.yml", "marts/customers/_customers__models.yml"]
RAW = (
    "create table raw.onec__orders (_source String, _key String, _modified_at Nullable(DateTime64(6, 'UTC')),"
    " _loaded_at DateTime64(6, 'UTC'), _load_id Int64, _file String, _deleted Bool, payload Nullable(String))"
    " engine = MergeTree order by (_source, _key)"
)
SALES = (
    "create table marts.fct_sales (product_key Nullable(String), customer_key Nullable(String), sale_date Date32, quantity Decimal(18, 3),"
    " revenue_base Decimal(18, 2), gross_profit_base Nullable(Decimal(18, 2)), is_sale Bool) engine = MergeTree order by sale_date"
)
# 50, 30, 15 and 5 of 100: A, A (the shares before it are 50 %), B, C; only the first sells evenly enough for X
SOLD = {
    "bolt": [("2026-01-10", 20), ("2026-02-10", 20), ("2026-03-10", 10)],
    "nut": [("2026-01-10", 1), ("2026-02-10", 28), ("2026-03-10", 1)],
    "gear": [("2026-02-10", 15)],
    "cog": [("2026-03-10", 5), ("2026-04-01", 900)],
}


def order(key: str, load: int, amount: str | None, lines: list[tuple[str, str]]) -> str:
    """An insert of one order as 1C sends it; no amount: a tombstone."""
    goods = [{"LineNumber": str(i), "Номенклатура_Key": name, "Количество": "2", "Сумма": line} for i, (name, line) in enumerate(lines, 1)]
    payload = {
        "Number": f"№-{key}",
        "Date": "2026-03-28T23:30:00",
        "Posted": True,
        "DeletionMark": False,
        "Партнер_Key": "00000000-0000-0000-0000-000000000000",
        "Менеджер_Key": "00000000-0000-0000-0000-000000000000",
        "Ответственный_Key": "m",
        "СуммаДокумента": amount,
        "Товары": goods,
        "_entity": "Document_ЗаказКлиента",
        "_configuration": "ut",
    }
    text = "null" if amount is None else "'" + json.dumps(payload, ensure_ascii=False).replace("\\", "\\\\").replace("'", "\\'") + "'"
    deleted = str(amount is None).lower()
    return f"insert into raw.onec__orders values ('books', '{key}', null, '2026-04-01 05:00:00', {load}, 'f', {deleted}, {text})"


def with_few_models(folder: Path) -> None:
    """The project's settings, macros and these models, over an empty fct_sales: to parse all the others takes 14 s of CPU."""
    folder.mkdir()
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder)
    shutil.copytree(PROJECT / "macros", folder / "macros")
    for name in [*MODELS, *TOLD]:
        (folder / "models" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / "models" / name, folder / "models" / name)
    (folder / "models" / "marts" / "fct_sales.sql").write_text("select 1 as never_run", encoding="utf-8")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[list[list[str]]]:
    """What ClickHouse answers after two loads and two runs."""
    folder = tmp_path_factory.mktemp("clickhouse")
    variables = {"as_of_date": "2026-04-15", "base_currency": "RUB", "company_timezone": "Europe/Moscow", "xyz_variation_x": 0.3}
    project, target, logs = folder / "project", str(folder / "target"), str(folder / "logs")
    with_few_models(project)
    run = ["--quiet", "run", "--project-dir", str(project), "--profiles-dir", str(project), "--target-path", target, "--log-path", logs]
    run += ["--vars", json.dumps(variables), "--select", *(Path(model).stem for model in MODELS)]
    sales = [
        f"('{product}', null, '{day}', {quantity}, {quantity}, null, {str(quantity > 0).lower()})"
        for product, rows in SOLD.items()
        for day, quantity in rows
    ]
    steps: list[dict[str, Any]] = [
        {"sql": "create database raw"},
        {"sql": "create database marts"},
        {"sql": RAW},
        {"sql": SALES},
        {"sql": "insert into marts.fct_sales values " + ", ".join(sales)},
        {"sql": order("first", 1, "100.50", [("bolt", "60.50"), ("nut", "40")])},
        {"sql": order("second", 1, "7", [("it's", "7")])},
        {"sql": order("third", 1, "1", [])},
        {"dbt": run},
        # the raw table holds the newest state of each record: one posted again with a line less, one gone
        {"sql": "alter table raw.onec__orders delete where _key in ('first', 'third') settings mutations_sync = 2"},
        {"sql": order("first", 2, "60.50", [("bolt", "60.50")])},
        {"sql": order("third", 2, None, [])},
        {"dbt": run},
        {
            "ask": "select _key, amount, partner_id, manager_id, is_deleted, document_at, _load_id"
            " from staging.stg_onec__orders order by _key"
        },
        {"ask": "select _key, line_number, product_id, line_sum from staging.stg_onec__order_lines order by _key, line_number"},
        {
            "ask": "select product_key, value, round(cumulative_share, 6), abc_class, xyz_class, window_start, window_end"
            " from marts.abc_xyz_products where measure = 'revenue' order by value desc"
        },
        {"ask": "select name, type from system.columns where table = 'abc_xyz_products' and name in ('value', 'window_end') order by name"},
        {"ask": "select name, sorting_key from system.tables where database = 'staging' order by name"},
    ]
    runner, answers_file = Path(__file__).with_name("chdb_runner.py"), folder / "answers.json"
    command = [sys.executable, "-W", "ignore", str(runner), str(folder / "db"), str(answers_file)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SKVOZ_")},
        "SKVOZ_ENGINE": "clickhouse",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    done = subprocess.run(
        command, input=json.dumps(steps), cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found: list[list[list[str]]] = json.loads(answers_file.read_text(encoding="utf-8"))
    return found


def test_records_are_typed_and_replaced(answers: list[list[list[str]]]) -> None:
    assert answers[0] == [
        ["first", "60.50", "None", "m", "False", "2026-03-28 23:30:00", "2"],
        ["second", "7.00", "None", "m", "False", "2026-03-28 23:30:00", "1"],
        ["third", "None", "None", "None", "True", "None", "2"],
    ]


def test_lines_of_a_document_posted_again_leave_nothing_stale(answers: list[list[list[str]]]) -> None:
    assert answers[1] == [["first", "1", "bolt", "60.50"], ["second", "1", "it's", "7.00"]]


def test_classes_are_those_of_the_contract(answers: list[list[list[str]]]) -> None:
    window = ["2025-04-01", "2026-03-31"]
    assert answers[2] == [
        ["bolt", "50.00", "0.5", "A", "X", *window],
        ["nut", "30.00", "0.8", "A", "Z", *window],
        ["gear", "15.00", "0.95", "B", "N", *window],
        ["cog", "5.00", "1.0", "C", "N", *window],
    ]


def test_contracts_are_kept_in_the_types_of_the_engine(answers: list[list[list[str]]]) -> None:
    assert answers[3] == [["value", "Nullable(Decimal(18, 2))"], ["window_end", "Nullable(Date32)"]]


def test_tables_are_sorted_as_their_folder_says(answers: list[list[list[str]]]) -> None:
    assert answers[4] == [["stg_onec__order_lines", "_source, _key"], ["stg_onec__orders", "_source, _key"]]
