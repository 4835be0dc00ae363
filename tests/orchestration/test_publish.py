"""Readers always see one whole version; old ones are kept for a while and can be returned to."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import polars
import pytest
from click.testing import CliRunner, Result

from ingestion.settings import Settings, load_settings
from orchestration.cli import main
from orchestration.errors import PublishError
from orchestration.publish import current_file, point_at, prune, publish, rollback, versions


@pytest.fixture
def company(tmp_path: Path) -> Settings:
    file = tmp_path / "skvoz.toml"
    file.write_text('[company]\nname = "x"\n[warehouse]\nkeep_versions = 2\nkeep_days = 10\n')
    settings = load_settings(file)
    settings.data_dir.mkdir()
    return settings


def build(settings: Settings, figure: int) -> None:
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute(f"create or replace table marts.figures as select {figure} as figure")
        connection.execute("create or replace view marts.doubled as select figure * 2 as figure from marts.figures")
        connection.execute(
            "create or replace table marts.publication as select 'build' as run_id, timestamptz '2000-01-01' as published_at"
        )


def read(settings: Settings) -> int:
    path = current_file(settings.data_dir / "published")
    assert path is not None
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute("select figure from marts.figures").fetchone()
    assert row is not None
    return int(row[0])


def test_nothing_to_publish_is_said(company: Settings) -> None:
    duckdb.connect(str(company.warehouse_file)).close()
    with pytest.raises(PublishError, match="skvoz build"):
        publish(company, "20260301T000000Z-1")
    assert versions(company) == []


def test_a_publication_holds_tables_and_says_what_it_is(company: Settings) -> None:
    build(company, 1)
    version = publish(company, "20260301T000000Z-1")
    with duckdb.connect(str(version.path), read_only=True) as connection:
        kinds = dict(
            connection.execute("select table_name, table_type from information_schema.tables where table_schema = 'marts'").fetchall()
        )
        run_id = connection.execute("select run_id from marts.publication").fetchone()
    assert kinds == {"figures": "BASE TABLE", "doubled": "BASE TABLE", "publication": "BASE TABLE"}
    assert run_id == ("20260301T000000Z-1",)
    assert version.path.stat().st_mode & 0o077 == 0


def test_an_open_reader_keeps_its_version_while_others_see_the_new_one(company: Settings) -> None:
    build(company, 1)
    first = publish(company, "20260301T000000Z-1")
    with duckdb.connect(str(first.path), read_only=True) as reader:
        build(company, 2)
        publish(company, "20260302T000000Z-1")
        assert reader.execute("select figure from marts.figures").fetchone() == (1,)
        assert read(company) == 2


def test_a_leftover_of_a_crashed_publication_is_cleared(company: Settings) -> None:
    build(company, 1)
    folder = company.data_dir / "published"
    folder.mkdir()
    (folder / ".marts-20260101T000000Z-9.duckdb.tmp").write_bytes(b"half")
    publish(company, "20260301T000000Z-1")
    assert sorted(path.name for path in folder.iterdir()) == ["CURRENT", "marts-20260301T000000Z-1.duckdb"]


def test_rollback_goes_to_the_version_before_or_the_named_one(company: Settings) -> None:
    for day in (1, 2):
        build(company, day)
        publish(company, f"2026030{day}T000000Z-1")
    assert rollback(company).name == "20260301T000000Z-1"
    assert read(company) == 1
    assert rollback(company, "20260302T000000Z-1").name == "20260302T000000Z-1"
    assert read(company) == 2
    with pytest.raises(PublishError, match="kept are: 20260302T000000Z-1, 20260301T000000Z-1"):
        rollback(company, "yesterday")


def test_pruning_keeps_the_newest_and_the_last_of_each_day(company: Settings) -> None:
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    folder = company.data_dir / "published"
    folder.mkdir()
    for age in (0.0, 0.1, 0.2, 1.0, 1.1, 5.0, 30.0):
        (folder / f"marts-{now - timedelta(days=age):%Y%m%dT%H%M%SZ}-1.duckdb").touch()
    oldest = folder / f"marts-{now - timedelta(days=30):%Y%m%dT%H%M%SZ}-1.duckdb"
    point_at(folder, oldest)
    prune(company, now)
    left = {(now - version.published_at) / timedelta(days=1) for version in versions(company)}
    assert {round(age, 1) for age in left} == {0.0, 0.1, 1.0, 5.0, 30.0}, "the one readers are pointed at stays whatever its age"


def test_a_pointer_may_be_a_one_line_file(company: Settings) -> None:
    folder = company.data_dir / "published"
    folder.mkdir()
    (folder / "CURRENT").write_text("marts-x.duckdb\n")
    assert current_file(folder) == folder / "marts-x.duckdb"


def test_published_marts_are_asked_and_exported_in_every_format(company: Settings, tmp_path: Path) -> None:
    build(company, 7)
    publish(company, "20260301T000000Z-1")
    sql = "select figure, 1.50::decimal(9, 2) as amount, date '2026-03-31' as day from marts.figures"

    def skvoz(*words: str | Path) -> Result:
        return CliRunner().invoke(main, [*map(str, words), "--config", str(company.file)])

    assert "7       1.50    2026-03-31" in skvoz("query", sql).output
    assert skvoz("query", sql, "--format", "csv").output.splitlines() == ["figure,amount,day", "7,1.50,2026-03-31"]
    assert json.loads(skvoz("query", sql, "--format", "json").output) == [{"figure": 7, "amount": 1.5, "day": "2026-03-31"}]
    for answer in (skvoz("query", "drop table figures"), skvoz("query", "nothing", "--format", "parquet")):
        assert (answer.exit_code, "the query was refused" in answer.output) == (1, True), answer.output
    piped = tmp_path / "piped.parquet"
    piped.write_bytes(skvoz("query", sql, "--format", "parquet").stdout_bytes)
    assert duckdb.execute(f"select figure, amount from '{piped}'").fetchall() == [(7, Decimal("1.50"))]
    for name in ("f.xlsx", "f.csv", "f.parquet"):
        assert skvoz("export", "figures", "--out", tmp_path / name).exit_code == 0
    assert duckdb.execute(f"select figure from '{tmp_path / 'f.parquet'}'").fetchall() == [(7,)]
    assert (tmp_path / "f.csv").read_text() == "figure\n7\n"
    assert polars.read_excel(tmp_path / "f.xlsx")["figure"].to_list() == [7]
    assert skvoz("export", "nothing", "--out", tmp_path / "n.csv").exit_code == 2
