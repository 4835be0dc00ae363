"""A company whose warehouse is a ClickHouse server: raw files are sent to it, publications are databases, faults are sentences."""

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ingestion import load
from ingestion.engines.clickhouse_client import Address, open_client, told
from ingestion.errors import BusyError, WarehouseError
from ingestion.rawzone import StreamZone
from ingestion.sandbox.serving import serve
from ingestion.settings import Settings, load_settings
from ingestion.spec import Connector, Context, Record, Source, SourceOptions, Stream
from ingestion.sync import opened_raw
from orchestration.cli import main
from orchestration.clickhouse import opened_client
from orchestration.clickhouse_access import account_statements, publication_statements, role_of
from orchestration.errors import MigrationError, PublishError
from orchestration.migrate import on_clickhouse, switch
from orchestration.overview import stream_states
from orchestration.project import Project
from orchestration.publish import current_file, publish, rollback, versions
from reports.people import People, parse_scope
from reports.publications import current_publication
from reports.settings import load_settings as load_reader_settings
from tests.clickhouse_server import running_clickhouse

DEALS = Stream("deals", loads="full", feeds=(), versioned=True)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
CONFIG = """
[company]
name = "ООО Ромашка"

[warehouse]
engine = "clickhouse"
url = "{url}"
path = "data"
keep_versions = 2
keep_days = 0
"""


def no_connection(_options: SourceOptions, _context: Context) -> Connector:
    msg = "loading asks no system"
    raise AssertionError(msg)


CRM = Source("crm", "crm", "A CRM", (DEALS,), SourceOptions, no_connection)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("clickhouse")
    with running_clickhouse(folder) as url:
        yield url, folder


@pytest.fixture
def company(server: tuple[str, Path], tmp_path: Path) -> Settings:
    file = tmp_path / "skvoz.toml"
    file.write_text(CONFIG.format(url=server[0]), encoding="utf-8")
    return load_settings(file)


def make_marts(settings: Settings, amount: int) -> None:
    """What dbt would have built: a mart, a view, and the publication's one row."""
    statements = [
        "create database if not exists marts",
        "create or replace table marts.fct_deals (deal_key String, amount Nullable(Int64)) engine = MergeTree order by deal_key",
        f"insert into marts.fct_deals values ('a', {amount}), ('b', null)",
        "create or replace view marts.open_deals as select deal_key from marts.fct_deals",
        "create or replace table marts.publication (run_id String, published_at Nullable(DateTime64(6, 'UTC')), as_of_date Date32,"
        " company_name String, base_currency String, timezone String, skvoz_version String) engine = MergeTree order by tuple()",
        "insert into marts.publication values ('dbt', null, '2026-03-31', 'ООО Ромашка', 'RUB', 'Europe/Moscow', '1')",
    ]
    with opened_client(settings) as client:
        for statement in statements:
            client.command(statement)


@contextmanager
def refusing(folder: Path, answer: str) -> Iterator[None]:
    """The server answers every statement so while the block runs."""
    (folder / "refuse").write_text(answer)
    try:
        yield
    finally:
        (folder / "refuse").unlink()


def amount_read(settings: Settings) -> object:
    """What a reader finds who opens the current publication now."""
    with current_publication(load_reader_settings(settings.file).warehouse) as published:
        return published.select("select sum(amount) as amount from marts.fct_deals")[0]["amount"]


def test_raw_files_are_sent_as_they_are_and_every_rule_holds(company: Settings) -> None:
    zone = StreamZone(company.raw_dir, "sales", DEALS)
    zone.open()
    for records in (
        [Record("1", {"n": "Ёж"}, MONDAY), Record("2", {"n": "old"}, MONDAY)],
        [Record("1", {"n": "early"}, MONDAY - timedelta(days=1)), Record("2", {"n": "new"}, MONDAY), Record("3", {"n": "x"})],
    ):
        for record in records:
            zone.add(record)
        zone.checkpoint({"page": 2})
        zone.flush()
    zone.close()
    with opened_raw(company) as warehouse:
        load.prepare(warehouse, [CRM])
        done = load.load_stream(warehouse, company.raw_dir, "sales", CRM, DEALS)
        load.mark_extracted(warehouse, "sales", "crm", "deals")
        assert (done.files, done.rows) == (2, 3)
        assert load.load_stream(warehouse, company.raw_dir, "sales", CRM, DEALS).files == 0
        assert load.newest_load(warehouse) == 1
    with opened_client(company) as client:
        rows = client.query("select _key, JSONExtractString(payload, 'n'), _file from raw.crm__deals order by _key").result_rows
        assert [row[:2] for row in rows] == [("1", "Ёж"), ("2", "new"), ("3", "x")]
        assert rows[2][2] == "sales/deals/000002.ndjson.zst"
        assert client.command("select count() from raw.crm__deals__versions") == 5
    [state] = [state for state in stream_states(company) if state["source"] == "sales"]
    assert (state["rows"], state["deleted"], state["newest_record_at"]) == (3, 0, "2026-03-02T00:00:00+00:00")


def test_a_publication_is_a_database_and_readers_change_over_in_one_step(company: Settings) -> None:
    make_marts(company, 10)
    first = publish(company, "20260331T050000Z-1")
    reader = current_publication(load_reader_settings(company.file).warehouse)
    make_marts(company, 20)
    second = publish(company, "20260401T050000Z-1")
    assert [version.name for version in versions(company)] == [second.name, first.name]
    assert reader.select("select amount from marts.fct_deals where deal_key = $key", {"key": "a"}) == [{"amount": 10}]
    assert amount_read(company) == 20
    with opened_client(company) as client:
        assert client.query("select amount from skvoz.fct_deals order by deal_key").result_rows == [(20,), (None,)]
        assert client.query("select deal_key from skvoz.open_deals order by deal_key").result_rows == [("a",), ("b",)]
        assert client.command("select run_id from skvoz.publication") == second.name
    assert Project(company, MONDAY.date()).environment("x")["SKVOZ_PREVIOUS"] == "skvoz_20260401T050000Z_1"
    rollback(company)
    assert amount_read(company) == 10
    with opened_client(company) as client:
        assert client.command("select sum(amount) from skvoz.fct_deals") == 10
    reader.close()


def test_old_publications_and_interrupted_ones_are_dropped(company: Settings) -> None:
    make_marts(company, 1)
    with opened_client(company) as client:
        client.command("create database skvoz_20260101T000000Z_9")  # its process was killed before the file was written
    for day in (1, 2, 3):
        publish(company, f"202604{day:02d}T050000Z-2", datetime(2026, 4, 10, tzinfo=UTC))
    assert [version.name[:8] for version in versions(company)] == ["20260403", "20260402"]
    with opened_client(company) as client:
        names = [
            row[0] for row in client.query("select name from system.databases where startsWith(name, 'skvoz_2') order by name").result_rows
        ]
    assert names == ["skvoz_20260402T050000Z_2", "skvoz_20260403T050000Z_2"]


def test_nothing_to_publish_leaves_everything_as_it_was(company: Settings) -> None:
    make_marts(company, 5)
    publish(company, "20260501T050000Z-3")
    with opened_client(company) as client:
        client.command("drop database marts")
    with pytest.raises(PublishError, match="no marts"):
        publish(company, "20260502T050000Z-3")
    assert amount_read(company) == 5


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("164 Cannot execute query in readonly mode. (READONLY)", "lets user 'default' only read"),
        ("497 default: Not enough privileges. (ACCESS_DENIED)", "only read"),
        ("516 default: Authentication failed. (AUTHENTICATION_FAILED)", "refuses user 'default'"),
        ("242 Table is in readonly mode. (TABLE_IS_READ_ONLY)", "lost Keeper or its disk"),
        ("241 Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)", "no memory or room"),
        ("701 Requested cluster 'north' not found. (CLUSTER_DOESNT_EXIST)", "knows no cluster"),
        ("499 The specified key does not exist. (S3_ERROR)", "cannot read a raw file"),
        ("48 Something else. (NOT_IMPLEMENTED)", "refused a statement"),
    ],
)
def test_what_a_server_refuses_is_one_sentence(company: Settings, server: tuple[str, Path], answer: str, said: str) -> None:
    with opened_client(company) as client, refusing(server[1], answer):
        with pytest.raises(WarehouseError, match=said) as caught, told(company.clickhouse):
            client.command("create table raw.x (a Int64) engine = Memory")
        assert "\n" not in str(caught.value)


def test_a_publication_that_a_server_refuses_leaves_readers_what_they_have(company: Settings, server: tuple[str, Path]) -> None:
    make_marts(company, 7)
    publish(company, "20260601T050000Z-4")
    before = current_file(company.data_dir / "published")
    with refusing(server[1], "241 Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)"), pytest.raises(WarehouseError):
        publish(company, "20260602T050000Z-4")
    assert current_file(company.data_dir / "published") == before
    assert amount_read(company) == 7


def test_a_server_that_is_away_is_said_and_the_exit_code_is_one(company: Settings) -> None:
    source = '[sources.costs]\ntype = "spreadsheet"\npath = "costs.csv"\nstream = "campaign_costs"\n'
    company.file.write_text(CONFIG.format(url="http://127.0.0.1:9") + source, encoding="utf-8")
    done = CliRunner().invoke(main, ["sync", "--replay", "--config", str(company.file)])
    assert done.exit_code == 1
    assert "ClickHouse at 127.0.0.1:9 does not answer" in done.output
    assert "Traceback" not in done.output


def test_an_older_server_is_refused(company: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.engines.clickhouse_client.OLDEST", (99, 1))
    with pytest.raises(WarehouseError, match=r"99\.1 or newer is needed"):
        open_client(company.clickhouse)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        # the words of a server 18.16.1, the last one in Debian, and of its other port
        (404, "Code: 47, e.displayText() = DB::Exception: Unknown identifier: readonly, e.what() = DB::Exception", "is version 18.16.1; "),
        (401, "Code: 192, e.displayText() = DB::Exception: Unknown user nobody, e.what() = DB::Exception", "refuses user 'nobody'"),
        (400, "Port 9000 is for clickhouse-client program.\r\nYou must use port 8123 for HTTP.\r\n", "set [warehouse] url to port 8123"),
        (501, "<html><title>Not here</title></html>", "another program than ClickHouse, or a proxy before it (Not here)"),
    ],
)
def test_what_answers_in_place_of_a_server_of_today_is_said_to_be_that(status: int, body: str, said: str) -> None:
    async def answer(request: Request) -> Response:
        is_version = status == 404 and request.query_params.get("query") == "select version()"
        return PlainTextResponse("18.16.1\n") if is_version else PlainTextResponse(body, status)

    with serve(Starlette(routes=[Route("/", answer, methods=["GET", "POST"])])) as url, pytest.raises(WarehouseError) as caught:
        open_client(Address(url, user="nobody", password="secret"))
    assert said in str(caught.value)
    assert "does not answer" not in str(caught.value)


def test_a_check_tries_the_server_too(company: Settings) -> None:
    done = CliRunner().invoke(main, ["check", "--config", str(company.file)])
    assert re.search(r"^warehouse +ok      ClickHouse at 127\.0\.0\.1:\d+, version \d+\.\d+", done.output, re.MULTILINE)
    company.file.write_text(CONFIG.format(url="http://127.0.0.1:9"), encoding="utf-8")
    done = CliRunner().invoke(main, ["check", "--config", str(company.file)])
    assert done.exit_code == 1
    assert "warehouse  FAILED  ClickHouse at 127.0.0.1:9 does not answer ([Errno 111] Connection refused)" in done.output


@pytest.mark.parametrize("key", ["cluster", "storage_policy"])
def test_a_name_that_the_server_does_not_know_is_said_before_anything_is_made(company: Settings, key: str) -> None:
    wrong = replace(company, warehouse=company.warehouse.model_copy(update={key: "nowhere"}))
    with pytest.raises(WarehouseError, match=f"{key} = 'nowhere': ClickHouse has none of that name; it has: "), opened_raw(wrong):
        pass


def test_a_folder_of_the_engine_in_process_has_one_owner(server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.engines.clickhouse_client.PATIENCE_SECONDS", 0.0)
    with pytest.raises(BusyError, match="one process at a time"):
        open_client(Address(f"chdb:{server[1] / 'db'}"))


def test_a_migration_says_what_it_needs_and_switches_one_line(company: Settings, tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="already"):
        on_clickhouse(company)
    text = CONFIG.format(url="").replace('"clickhouse"', '"duckdb"  # for now')
    company.file.write_text(text, encoding="utf-8")
    with pytest.raises(MigrationError, match="add url"):
        on_clickhouse(load_settings(company.file))
    switch(company.file)
    assert company.file.read_text(encoding="utf-8") == text.replace('"duckdb"', '"clickhouse"')
    with pytest.raises(MigrationError, match="yourself"):
        switch(company.file)
    company.file.write_text(text.replace('engine = "duckdb"  # for now', "# the default engine"), encoding="utf-8")
    switch(company.file)
    assert tomllib.loads(company.file.read_text(encoding="utf-8"))["warehouse"]["engine"] == "clickhouse"


def test_engines_and_addresses_are_checked_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "skvoz.toml"
    file.write_text(CONFIG.format(url="tcp://host"), encoding="utf-8")
    done = CliRunner().invoke(main, ["status", "--config", str(file)])
    assert done.exit_code == 2
    assert "needs url" in done.output


def test_accounts_and_policies_are_statements_that_the_engine_reads(company: Settings) -> None:
    with_accounts = replace(company, warehouse=company.warehouse.model_copy(update={"accounts": True, "reader": "pages"}))
    people = People(company.state_dir)
    people.add("anna", "manager", parse_scope("manager:books:m'2"))
    people.add("oleg", "analyst", parse_scope("department:Розница"))
    people.add("vera", "director", parse_scope("all"))
    tables = {
        "dim_customers": ["customer_key", "customer_name", "phone", "manager_key"],
        "fct_order_lines": ["order_key", "amount"],
        "secrets": ["x"],
    }
    everybody = people.everybody()
    made = publication_statements(with_accounts, "skvoz_1", tables, everybody, [role_of(person) for person in everybody])
    with opened_client(company) as client:
        for statement in [*account_statements(with_accounts, everybody), *made]:
            client.command("select formatQuery({statement:String})", parameters={"statement": statement})
    policies = {statement.split(" for select")[0]: statement for statement in made if "row policy" in statement}
    assert len(policies) == len(tables) * (len(everybody) + 1)
    assert "using 1 to `default`, `pages`" in policies["create row policy or replace skvoz_all on `skvoz_1`.`secrets`"]
    assert "using FALSE to" in policies["create row policy or replace `skvoz_person_anna` on `skvoz_1`.`secrets`"]
    assert "'books:m''2'" in policies["create row policy or replace `skvoz_person_anna` on `skvoz_1`.`dim_customers`"]
    assert "using TRUE to" in policies["create row policy or replace `skvoz_person_vera` on `skvoz_1`.`dim_customers`"]
    granted = [statement for statement in made if statement.startswith("grant") and "dim_customers" in statement]
    assert ["`phone`" in statement for statement in granted] == [True, False, True], "an analyst need not see contacts"
    assert publication_statements(with_accounts, "skvoz_1", tables, everybody, []) == [], "no role on the server, no policy"


def test_what_an_administrator_runs_is_printed(company: Settings) -> None:
    People(company.state_dir).add("anna", "manager", parse_scope("manager:books:m2"))
    make_marts(company, 1)
    publish(company, "20260701T050000Z-5")
    done = CliRunner().invoke(main, ["grants", "--config", str(company.file)])
    assert done.exit_code == 0, done.output
    assert "create user if not exists `anna` identified with sha256_password by '???' settings readonly = 1;" in done.output
    assert (
        "create row policy or replace `skvoz_person_anna` on `skvoz_20260701T050000Z_5`.`fct_deals` for select using FALSE" in done.output
    )
