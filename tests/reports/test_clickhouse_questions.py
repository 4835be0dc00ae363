"""Every question answers the same from a publication on ClickHouse as from a file, whoever asks."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.access import Scope
from reports.clickhouse_reader import ClickHousePublished
from reports.errors import PublishedError, QuestionError
from reports.published import Published
from reports.questions import all_questions
from reports.settings import Warehouse
from tests.clickhouse_server import running_clickhouse
from tests.reports.test_questions import VALUES

SCOPES = {
    "all": Scope(),
    "without contacts": Scope(contacts=False),
    "manager": Scope("manager", "books:m2"),
    "department without contacts": Scope("department", "Розница", contacts=False),
}
TYPES = {
    "VARCHAR": "String",
    "DATE": "Date32",
    "TIMESTAMP WITH TIME ZONE": "DateTime64(6, 'UTC')",
    "TIMESTAMP": "DateTime64(6)",
    "BOOLEAN": "Bool",
    "BIGINT": "Int64",
    "INTEGER": "Int32",
    "SMALLINT": "Int16",
    "DOUBLE": "Float64",
    "HUGEINT": "Int128",
}


def copy_to_clickhouse(published: Path, folder: Path, run: Any) -> None:
    """Every table of a published file into database `version`, in the types that dbt gives them there."""
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        tables = [row[0] for row in connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()]
        run("create database version")
        for table in tables:
            described = connection.execute(f"describe marts.{table}").fetchall()
            columns = ", ".join(f"{row[0]} Nullable({TYPES.get(row[1], row[1].title())})" for row in described)
            run(f"create table version.{table} ({columns}) engine = MergeTree order by tuple()")
            file = folder / f"{table}.parquet"
            connection.execute(f"copy marts.{table} to '{file}' (format parquet)")
            run(f"insert into version.{table} select * from file('{file}', Parquet)")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, complete_published: Published) -> Iterator[tuple[str, Path]]:
    """(url of the server, the file that names the publication)."""
    import clickhouse_connect

    folder = tmp_path_factory.mktemp("clickhouse")
    with running_clickhouse(folder) as url:
        client = clickhouse_connect.get_client(dsn=url)
        copy_to_clickhouse(complete_published.path, folder, client.command)
        client.close()
        file = folder / "marts-20260401T050000Z.clickhouse"
        file.write_text(json.dumps({"database": "version"}), encoding="utf-8")
        yield url, file


def warehouse_at(url: str) -> Warehouse:
    return Warehouse.model_validate({"engine": "clickhouse", "url": url})


@pytest.fixture(scope="module")
def twin(address: tuple[str, Path]) -> Iterator[Published]:
    url, file = address
    with ClickHousePublished(file, warehouse_at(url)) as found:
        yield found


def comparable(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Rows without their order among equals; doubles to nine digits."""

    def plain(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value:.9g}")
        return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value

    return sorted((tuple((name, plain(value)) for name, value in row.items()) for row in rows), key=repr)


@pytest.mark.parametrize("scope", [SCOPES["all"], SCOPES["department without contacts"]], ids=["all", "department without contacts"])
def test_every_question_answers_the_same(scope: Scope, complete_published: Published, twin: Published) -> None:
    different = []
    answered = 0
    for question in all_questions():
        if not complete_published.has(question.tables):
            continue  # test_questions.py holds the fixture against the questions
        expected = complete_published.query(question.name, VALUES, scope)
        answered += bool(expected)
        try:
            found = twin.query(question.name, VALUES, scope)
        except QuestionError as error:
            different.append(f"{question.name}: {error}")
            continue
        if comparable(found) != comparable(expected):
            different.append(f"{question.name}: {expected[:2]} here, {found[:2]} there")
    assert not different
    assert answered > 20


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_every_table_shows_a_scope_the_same_rows(scope: Scope, complete_published: Published, twin: Published) -> None:
    for table in (
        "dim_customers",
        "fct_deals",
        "fct_order_lines",
        "reconciliation",
        "fct_payments",
        "manager_kpi",
        "dim_products",
        "plan_fact",
    ):
        sql = f"select * from marts.{table}"
        expected = complete_published.select(sql, {}, scope)
        assert comparable(twin.select(sql, {}, scope)) == comparable(expected), table


def test_parts_of_a_page_that_stands_on_nothing_are_null_and_not_zero(complete_published: Published, twin: Published) -> None:
    sql = "select sum(amount_base) as money, count(*) as n, max(payment_date) as last from marts.fct_payments where amount_base = $none"
    assert twin.select(sql, {"none": -1}) == complete_published.select(sql, {"none": -1}) == [{"money": None, "n": 0, "last": None}]


def test_the_publication_says_what_it_is(complete_published: Published, twin: Published) -> None:
    assert twin.publication == complete_published.publication
    assert twin.tables == complete_published.tables
    assert twin.version == "marts-20260401T050000Z"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("drop table marts.publication", "only read"),
        ("select 1; select 2", "not one"),
        ("select * from raw.onec__orders", "not published"),
        ("select * from system.users", "not published"),
        ("select nothing from marts.publication", "refused a question"),
    ],
)
def test_what_is_no_question_over_marts_is_refused(twin: Published, sql: str, said: str) -> None:
    with pytest.raises(QuestionError, match=said):
        twin.select(sql)


def test_a_server_that_is_gone_and_a_publication_that_is_gone_are_told(address: tuple[str, Path], tmp_path: Path) -> None:
    url, file = address
    with pytest.raises(PublishedError, match="does not answer"):
        ClickHousePublished(file, warehouse_at("http://127.0.0.1:9"))
    gone = tmp_path / "marts-2.clickhouse"
    gone.write_text('{"database": "pruned"}')
    with pytest.raises(PublishedError, match="holds no publication pruned"):
        ClickHousePublished(gone, warehouse_at(url))
    gone.write_text("half")
    with pytest.raises(PublishedError, match="which database"):
        ClickHousePublished(gone, warehouse_at(url))
