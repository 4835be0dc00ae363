"""The command line: every command is documented, knows --config, and answers a mistake with a sentence and the right exit code."""

import json
from pathlib import Path

import click
import duckdb
import pytest
from click.testing import CliRunner, Result

from orchestration.cli import _explain, main

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


@pytest.mark.parametrize(
    ("words", "said"), [(["--replay", "--since", "2026-01-01"], "--replay asks no system"), (["--full", "--sweep"], "give one of")]
)
def test_readings_that_exclude_each_other_are_a_usage_fault(words: list[str], said: str) -> None:
    """One of them was left out without a word."""
    done = CliRunner().invoke(main, ["sync", *words])
    assert done.exit_code == 2
    assert said in done.output
