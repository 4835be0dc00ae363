"""The command line: every command is documented, knows --config, and answers a mistake with a sentence and the right exit code."""

import json
import re
import sqlite3
from pathlib import Path

import click
import duckdb
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.exc import OperationalError

from ingestion.errors import BusyError
from ingestion.mapped.columns import FEEDS
from orchestration.cli import _explain, main
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


def skvoz(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def commands() -> list[str]:
    return main.list_commands(click.Context(main))


@pytest.mark.parametrize("name", commands())
def test_every_command_has_help_and_stands_in_both_readmes_and_takes_a_config(name: str) -> None:
    shown = skvoz(name, "--help")
    assert shown.exit_code == 0
    assert "Usage:" in shown.output
    command = main.get_command(click.Context(main), name)
    assert command is not None
    leaves = [command, *command.commands.values()] if isinstance(command, click.Group) else [command]
    for leaf in leaves:
        assert leaf.help, f"{leaf.name} has no help"
        if not isinstance(leaf, click.Group):
            assert "config" in {parameter.name for parameter in leaf.params}, f"{leaf.name} lacks --config"
    assert f"skvoz {name}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_init_writes_a_configuration_that_is_read_and_never_overwrites(tmp_path: Path) -> None:
    assert skvoz("init", tmp_path).exit_code == 0
    file = tmp_path / "skvoz.toml"
    assert "AMOCRM_TOKEN=" in (tmp_path / ".env.example").read_text()
    checked = skvoz("check", "--config", file)
    assert checked.exit_code == 0, checked.output
    assert "names no sources yet" in checked.output
    assert "  ok      ООО Ромашка: RUB, Europe/Moscow" in checked.output, "what nobody has changed yet is seen"
    file.write_text(file.read_text() + "\n# mine\n")
    assert "stays as it is" in skvoz("init", tmp_path).output
    assert "# mine" in file.read_text()


def test_check_tells_what_a_login_lacks_and_files_that_nobody_reads(tmp_path: Path) -> None:
    assert skvoz("init", tmp_path).exit_code == 0
    file = tmp_path / "skvoz.toml"
    (tmp_path / "old").mkdir()
    tables = '[dashboard]\nauth = "oidc"\n[sources.old]\ntype = "1c_dbf"\npath = "old"\n'
    plain = "\n".join(line for line in file.read_text().split("\n") if not line.startswith(("[dashboard]", "auth =")))
    file.write_text(f"{plain}\n{tables}")
    answer = skvoz("check", "--config", file)
    assert answer.exit_code == 1, answer.output
    assert "FAILED  [dashboard.oidc]: missing" in answer.output
    assert "FAILED  dashboard.url: missing" in answer.output
    assert "no stream is mapped, so nothing is read" in answer.output


@pytest.mark.parametrize(
    "words",
    [("user", "add", "anna", "--role", "manager", "--scope", "manger:m1"), ("rollback", "20260101T000000Z")],
    ids=["scope", "version"],
)
def test_a_scope_or_a_version_that_does_not_exist_is_bad_usage(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert skvoz("init", tmp_path).exit_code == 0
    answer = skvoz(*words, "--config", tmp_path / "skvoz.toml")
    assert answer.exit_code == 2, answer.output
    assert "Traceback" not in answer.output
    assert "manager:KEY" in answer.output or "20260101T000000Z" in answer.output


def test_a_missing_configuration_is_a_usage_fault(tmp_path: Path) -> None:
    answer = skvoz("run", "--config", tmp_path / "nowhere.toml")
    assert answer.exit_code == 2
    assert "skvoz init" in answer.output
    assert "Traceback" not in answer.output


def test_a_slip_of_the_pen_is_answered_with_what_was_meant(tmp_path: Path) -> None:
    assert "did you mean sync?" in skvoz("syn").output
    file = tmp_path / "skvoz.toml"
    file.write_text('[compny]\n[company]\nname = "x"\ncurency = "RUB"\n[sources.crm]\ntype = "amocm"\n', encoding="utf-8")
    told = skvoz("check", "--config", file).output
    assert all(f"did you mean {word}?" in told for word in ("company", "currency", "amocrm")), told
    assert told.count("compny") == 1, "one fault is told by one of the two readers of the file"
    assert "asterisk" not in told, "where one is meant, the other forty are not listed"
    assert "1<=x<=65535" in skvoz("serve", "--port", "99999", "--config", file).output


@pytest.mark.parametrize("command", ["check", "sync", "run", "build", "serve"])
def test_a_fault_of_any_table_is_told_before_anything_runs_and_with_all_others(tmp_path: Path, command: str) -> None:
    """A misspelt key of the mail server would otherwise be found when the first report cannot leave."""
    file = tmp_path / "skvoz.toml"
    text = (
        '[company]\nname = "x"\ncurency = "RUB"\n[vars]\nabc_share = 0.7\n[sources.ads]\ntype = "yandex_direct"\n'
        '[reports]\nsend_hour = "08:00-20:00"\n[email]\nhost = "h"\nport = "x"\npassword = "${NO_SUCH_SECRET}"\n'
        '[[alerts]]\nname = "debts"\nrule = "debt"\nto = ["email:a@example.ru"]\n'
    )
    file.write_text(text, encoding="utf-8")
    answer = skvoz(command, "--config", file)
    assert answer.exit_code == 2
    for fault in ("curency", "abc_share", "[sources.ads] token", "reports.send_hour", "email.port", "NO_SUCH_SECRET", "no rule 'debt'"):
        assert answer.output.count(fault) == 1 or fault == "abc_share", (fault, answer.output)
    assert not (tmp_path / "data").exists()


def test_an_unknown_source_is_named_with_the_known_ones(tmp_path: Path) -> None:
    skvoz("init", tmp_path)
    answer = skvoz("sync", "shop", "--config", tmp_path / "skvoz.toml")
    assert answer.exit_code == 2
    assert "[sources.shop]" in answer.output


def test_nothing_published_yet_says_what_to_run(tmp_path: Path) -> None:
    skvoz("init", tmp_path)
    for command in (
        ["query", "select 1"],
        ["export", "dim_managers", "--out", "x.csv"],
        ["report", "render", "director_daily"],
        ["rollback"],
    ):
        answer = skvoz(*command, "--config", tmp_path / "skvoz.toml")
        assert answer.exit_code == 1, command
        assert "Traceback" not in answer.output
        assert answer.exception is None or isinstance(answer.exception, SystemExit)


def test_a_run_before_anything_is_filled_in_says_what_to_fill_in(tmp_path: Path) -> None:
    """An empty company would be built for two minutes, and published."""
    skvoz("init", tmp_path)
    for command in ("run", "sync"):
        answer = skvoz(command, "--config", tmp_path / "skvoz.toml")
        assert answer.exit_code == 2
        assert "names no sources yet" in answer.output
    assert not (tmp_path / "data").exists()


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A skvoz.toml whose data folder holds one published mart."""
    folder = tmp_path / "data" / "published"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "marts-1.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.figures as select true as holds, 'nan'::double as share, 'x' as name")
    (folder / "CURRENT").symlink_to("marts-1.duckdb")
    file = tmp_path / "skvoz.toml"
    file.write_text('[company]\nname = "x"\n', encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("", "there are 0 statements"),
        ("select 1; drop table figures", "there are 2 statements"),
        ("copy figures to '{folder}/copied.csv'", "COPY does more than read"),
        ("attach '{folder}/other.duckdb'", "ATTACH does more than read"),
        ("select * from read_csv('{folder}/skvoz.toml')", "Cannot access file"),
    ],
)
@pytest.mark.parametrize("output", ["table", "parquet"])
def test_a_query_reads_the_marts_and_nothing_else(published: Path, sql: str, said: str, output: str) -> None:
    asked = sql.format(folder=published.parent)
    answer = skvoz("query", asked, "--format", output, "--out", published.with_name("answer"), "--config", published)
    assert (answer.exit_code, answer.output.partition(":")[0]) == (1, "the query was refused")
    assert said in answer.output
    assert {path.name for path in published.parent.iterdir()} == {"data", "skvoz.toml"}


def test_an_answer_is_written_as_the_ending_says(published: Path) -> None:
    for ending in ("csv", "json", "parquet", "txt"):
        for _ in range(2):  # the second time over the first
            answer = skvoz("query", "from figures", "--out", published.with_name(f"answer.{ending}"), "--config", published)
            assert answer.exit_code == 0, answer.output
    assert published.with_name("answer.csv").read_text(encoding="utf-8").splitlines() == ["holds,share,name", "true,nan,x"]
    assert json.loads(published.with_name("answer.json").read_text(encoding="utf-8")) == [{"holds": True, "share": None, "name": "x"}]
    assert "NaN" not in published.with_name("answer.json").read_text(encoding="utf-8")
    assert duckdb.read_parquet(str(published.with_name("answer.parquet"))).columns == ["holds", "share", "name"]
    assert published.with_name("answer.txt").read_text(encoding="utf-8").endswith("(1 rows)")


def test_a_mart_that_no_sheet_can_hold_is_refused(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows past the end of a sheet would be missing without a word."""
    monkeypatch.setattr("orchestration.commands.read._MOST_ROWS", 1)
    answer = skvoz("export", "figures", "--out", published.with_name("figures.xlsx"), "--config", published)
    assert answer.exit_code == 1
    assert "export it as .csv or .parquet" in answer.output
    assert not published.with_name("figures.xlsx").exists()


def test_pages_are_not_announced_before_the_configuration_is_read(tmp_path: Path) -> None:
    answer = skvoz("dashboard", "--port", str(free_port()), "--config", tmp_path / "none.toml")
    assert answer.exit_code == 2
    assert answer.output.startswith(f"{tmp_path / 'none.toml'}: there is no such file")


def test_pages_that_are_stopped_have_not_failed(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dashboards.serve.serve_dashboard", stopped)
    assert skvoz("dashboard", "--port", str(free_port()), "--config", published).exit_code == 0


def test_status_answers_while_a_run_writes(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(published.parent / "data" / "published" / "marts-1.duckdb")) as connection:
        connection.execute(
            "create table marts.data_freshness as select 'books' as source, 'orders' as stream, 3 as rows_total, 1 as rows_deleted,"
            " timestamptz '2026-03-31 06:00:00Z' as last_loaded_at, null::timestamptz as newest_record_at, false as is_stale"
        )
        connection.execute(
            "create table marts.publication as select 'r' as run_id, date '2026-03-31' as as_of_date, now() as published_at,"
            " 'RUB' as base_currency, 'x' as company_name, 'Europe/Moscow' as timezone, '0' as skvoz_version"
        )

    def busy(_: object) -> None:
        raise BusyError

    monkeypatch.setattr("orchestration.overview.stream_states", busy)
    monkeypatch.setattr("orchestration.overview._runs", lambda _: [])
    answer = skvoz("status", "--format", "json", "--config", published)
    assert answer.exit_code == 0, answer.output
    state = json.loads(answer.output)
    assert state["writing"]
    assert state["sources"] == [
        {
            "source": "books",
            "stream": "orders",
            "rows": 3,
            "deleted": 1,
            "rejected": None,
            "last_loaded_at": "2026-03-31T06:00:00+00:00",
            "newest_record_at": None,
        }
    ]
    assert "those of the published version" in skvoz("status", "--config", published).output


def test_a_date_that_is_none_is_refused(tmp_path: Path) -> None:
    answer = skvoz("build", "--as-of", "31.03.2026", "--config", tmp_path / "skvoz.toml")
    assert answer.exit_code == 2
    assert "2026-03-31" in answer.output


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "data/lock"), "data/lock: No space left on device; make room"),
        (OSError(30, "Read-only file system"), "the data folder: Read-only file system; it is mounted read-only; mount it to be written"),
        (PermissionError(13, "Permission denied", "data/raw"), "data/raw: Permission denied; it belongs to another user; give it"),
        (duckdb.IOException('IO Error: Cannot open file "data/w.duckdb": Permission denied'), "chown -R"),
        (duckdb.IOException("IO Error: Could not read enough bytes from file\ntrace"), "the file is damaged: go back with skvoz rollback"),
        (FileNotFoundError(2, "No such file or directory", "/nosuch/x.csv"), "/nosuch/x.csv: No such file or directory; make that folder"),
        (duckdb.IOException('IO Error: Cannot open file "/nosuch/x.csv": No such file or directory'), "make that folder, or name another"),
        (
            duckdb.IOException('IO Error: Could not set lock on file "data/w.duckdb": Conflicting lock is held in python (PID 77).'),
            "data/w.duckdb: process 77 has it open; wait for the run to end",
        ),
        (duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate"), "memory_limit"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "let the user that runs skvoz write that folder"),
        (
            OperationalError("pragma", {}, sqlite3.OperationalError("unable to open database file")),
            "the journals in [warehouse] path cannot",
        ),
    ],
)
def test_faults_of_the_machine_are_sentences(error: Exception, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _explain(error) == 1
    told = capsys.readouterr().err
    assert said in told
    assert "trace" not in told


def test_faults_of_the_program_stay_loud() -> None:
    assert _explain(ValueError("a bug")) is None
    assert _explain(duckdb.BinderException("a wrong statement of ours")) is None


def test_reports_are_listed_with_when_they_go_out() -> None:
    lines = skvoz("report", "list").output.splitlines()
    assert next(line for line in lines if line.startswith("director_daily ")).split()[1:7] == ["day", "0", "8", "*", "*", "1-5"]


def test_sources_are_listed_for_people_and_machines() -> None:
    listed = json.loads(skvoz("sources", "--format", "json").output)
    by_type = {source["type"]: source for source in listed}
    assert {"1c_odata", "amocrm", "bitrix24", "yandex_direct", "spreadsheet"} <= by_type.keys()
    for source in listed:
        for stream in source["streams"]:
            assert stream["loads"], f"{source['type']}.{stream['name']} does not say how it loads"
    shown = skvoz("sources").output
    assert "amocrm: " in shown
    assert "leads" in shown
    assert re.search(r"^  prices .*; no mart reads it: for models of one's own$", shown, re.MULTILINE)


@pytest.mark.parametrize("feed", FEEDS)
def test_the_columns_of_a_feed_say_what_they_mean(feed: str) -> None:
    for column in json.loads(skvoz("sources", "--feed", feed, "--format", "json").output):
        assert column["meaning"], f"{feed}.{column['name']} does not say what it means"
    shown = skvoz("sources", "--feed", "deals").output
    assert "status         one of won, lost, open: open, won or lost; else that of the stage" in shown
    assert "stage          text, required: stage" in shown


@pytest.mark.parametrize(
    ("words", "said"), [(["--replay", "--since", "2026-01-01"], "--replay asks no system"), (["--full", "--sweep"], "give one of")]
)
def test_readings_that_exclude_each_other_are_a_usage_fault(words: list[str], said: str) -> None:
    """One of them was left out without a word."""
    done = CliRunner().invoke(main, ["sync", *words])
    assert done.exit_code == 2
    assert said in done.output
