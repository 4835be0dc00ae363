"""`skvoz migrate --to clickhouse` to its end: a small company with a small dbt project, on ClickHouse's engine in process.

That the project's own marts are equal on both engines is held by tests/dbt/test_equal_engines.py; here it is the command that is tried.
"""

import os
import subprocess
import sys
from datetime import date

import duckdb
import pytest

from ingestion.settings import Settings, load_settings
from ingestion.sync import SyncOptions, sync
from orchestration.project import Project
from orchestration.publish import publish
from orchestration.transform import build_state, write_state

AS_OF = date(2026, 3, 31)
CONFIG = """
[company]
name = "ООО Ромашка"

[warehouse]
engine = "duckdb"
url = "chdb:clickhouse"
path = "data"

[dbt]
project = "models_of_ours"

[sources.plans]
type = "spreadsheet"
path = "plans.csv"
stream = "plans"
"""
PLANS = "month;metric;value\n2026-01-01;revenue;100.50\n2026-02-01;revenue;200\n2026-03-01;revenue;300\n"
PROJECT = {
    "dbt_project.yml": """
name: skvoz
version: "1.0.0"
profile: skvoz
models:
  skvoz:
    +schema: marts
    +materialized: table
""",
    "macros/generate_schema_name.sql": "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}",
    "models/plans.sql": """
select
    toDate32(JSONExtractString(payload, 'month')) as month,
    cast(JSONExtractString(payload, 'value') as Decimal(18, 2)) as amount,
    toFloat64(JSONExtractString(payload, 'value')) / 3 as share,
    cast(null as Nullable(String)) as comment
from raw.spreadsheet__plans
""",
    "models/publication.sql": "select toDate32('{{ var(\"as_of_date\") }}') as as_of_date",
}
ON_DUCKDB = """
create schema marts;
create table marts.plans as
select (payload ->> '$.month')::date as month, (payload ->> '$.value')::decimal(18, 2) as amount,
    (payload ->> '$.value')::double / 3 as share, null::varchar as comment
from raw.spreadsheet__plans;
create table marts.publication as select null::varchar as run_id, null::timestamptz as published_at, date '2026-03-31' as as_of_date;
"""


def migrating(settings: Settings) -> subprocess.Popen[str]:
    """The command as an administrator gives it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SKVOZ_", "DBT_"))}
    words = ["migrate", "--to", "clickhouse", "--config", str(settings.file)]
    command = [sys.executable, "-W", "ignore", "-c", "from orchestration.cli import main; main()", *words]
    return subprocess.Popen(
        command, cwd=settings.base_dir, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )


def killed_at(settings: Settings, words: str) -> list[str]:
    """Its lines until one of them has the words: there it is killed."""
    lines = []
    with migrating(settings) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.strip())
            if words in line:
                process.kill()
                break
    assert words in lines[-1], lines
    return lines


def ended(settings: Settings) -> tuple[int, list[str]]:
    """Its exit code and lines."""
    with migrating(settings) as process:
        said, _ = process.communicate(timeout=300)
    return process.returncode, said.splitlines()


def publish_with(settings: Settings, *statements: str) -> None:
    """A publication of the marts, changed by the statements."""
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for statement in statements:
            connection.execute(statement)
    publish(settings, f"20260401T0{len(list((settings.data_dir / 'published').glob('*')))}0000Z-1")
    write_state(settings, build_state(Project(settings, AS_OF)), published=True)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Loaded and published on DuckDB, with the address of ClickHouse in its file."""
    folder = tmp_path_factory.mktemp("company")
    (folder / "skvoz.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "plans.csv").write_text(PLANS, encoding="utf-8")
    for name, text in PROJECT.items():
        file = folder / "models_of_ours" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    settings = load_settings(folder / "skvoz.toml")
    [outcome, _] = sync(settings, SyncOptions())
    assert outcome.error is None
    publish_with(settings, ON_DUCKDB)
    return settings


def test_a_migration_is_killed_and_goes_on_and_switches_only_when_every_row_is_equal(company: Settings) -> None:
    before = company.file.read_text(encoding="utf-8")
    assert killed_at(company, "rows loaded")[0] == "plans: 3 rows"
    assert killed_at(company, "building the marts as of 2026-03-31")[:1] == ["plans: 0 rows"], "what the ledger names is not loaded again"

    publish_with(company, "update marts.plans set amount = amount + 0.01 where month = '2026-02-01'")
    code, said = ended(company)
    assert code == 1
    assert said[-2:] == [
        "plans: 2 rows differ; in the row month=2026-02-01: amount is 200.01 on DuckDB, 200.00 on ClickHouse",
        "1 of 1 marts differ: plans; nothing was changed. Please report this; DuckDB keeps serving.",
    ]
    assert company.file.read_text(encoding="utf-8") == before

    publish_with(company, "update marts.plans set amount = amount - 0.01 where month = '2026-02-01'")
    code, said = ended(company)
    assert (code, said[-2]) == (0, "1 marts, 3 rows: equal on both engines")
    assert company.file.read_text(encoding="utf-8") == before.replace('"duckdb"', '"clickhouse"')
