"""The assets of dbt, and the decision that a build can be left out. No SQL here."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import dagster
import duckdb
import orjson
from dagster import AssetExecutionContext, AssetsDefinition

from ingestion.durable import private_folder, write_durably
from ingestion.errors import BusyError
from ingestion.load import compact, newest_load
from ingestion.lock import data_lock
from ingestion.settings import Settings
from ingestion.sync import opened_raw
from orchestration.clickhouse import first_rows
from orchestration.dbt_process import DagsterDbtCliRuntimeError, DbtCliInvocation, dbt_assets, start_dbt
from orchestration.errors import BuildError
from orchestration.liveness import mark
from orchestration.project import OWN_PROJECT, Project, as_of_date
from orchestration.publish import current_file
from orchestration.runlog import RunLog
from orchestration.tethered import PARENT_VARIABLE, write_launcher
from orchestration.translator import Translator, read_manifest

_ROWS_SHOWN = 5


class BuildConfig(dagster.Config):
    """How a run builds.

    as_of: ISO date, empty for today; nightly: every test; force: also when nothing changed; full_refresh: incremental models anew.
    """

    as_of: str = ""
    nightly: bool = False
    force: bool = False
    full_refresh: bool = False
    wait_for_lock: float = 600.0


def build_dbt_assets(settings: Settings, as_of: date | None = None) -> AssetsDefinition:
    """The dbt models, seeds and tests as assets and checks.

    Args:
        settings: skvoz.toml.
        as_of: the day to parse the project for, default today; a run of another day parses it again.
    """
    manifest = Project(settings, as_of_date(settings, as_of)).manifest()
    # a run that finds nothing new leaves out blocking checks and says so itself
    logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)

    @dbt_assets(manifest=read_manifest(manifest), dagster_dbt_translator=Translator(), name="models")
    def models(context: AssetExecutionContext, config: BuildConfig, run_log: dagster.ResourceParam[RunLog]) -> Iterator[Any]:
        mark(context.instance, context.run.run_id)
        project = Project(settings, as_of_date(settings, date.fromisoformat(config.as_of) if config.as_of else None))
        with data_lock(settings.data_dir, "the build of the marts", wait_seconds=config.wait_for_lock):
            state = build_state(project)
            if not (config.force or config.nightly or config.full_refresh) and state == read_state(settings):
                run_log.report.built = False
                run_log.say("nothing new was loaded: the published version stays")
                return
            run_log.report.built = True
            run_log.say(f"building the marts as of {project.as_of:%Y-%m-%d}")
            is_anew = config.full_refresh or grows_otherwise(settings, state)
            if is_anew and not config.full_refresh:
                run_log.say("what the systems' records are read by has changed: their tables are made anew")
            with run_log.child_output():
                yield from run_dbt(context, project, nightly=config.nightly, full_refresh=is_anew)
            if settings.warehouse.engine == "duckdb":
                for name in drop_gone_marts(settings.warehouse_file, manifest):
                    run_log.say(f"marts.{name} is in the project no longer, and is taken out")
            write_state(settings, state)
            if config.nightly and settings.warehouse.engine == "duckdb":
                compact_warehouse(settings, run_log)

    return models


def drop_gone_marts(warehouse: Path, manifest: Path) -> list[str]:
    """Drop the tables of marts whose model is gone or has another name: they would be published for ever, older every day; their names."""
    nodes = orjson.loads(manifest.read_bytes())["nodes"].values()
    known = {node["alias"] for node in nodes if node["resource_type"] in {"model", "seed", "snapshot"} and node["schema"] == "marts"}
    with duckdb.connect(str(warehouse)) as connection:
        rows = connection.execute(
            "select table_name, table_type from information_schema.tables where table_schema = 'marts' order by all"
        ).fetchall()
        gone = [(name, kind) for name, kind in rows if name not in known]
        for name, kind in gone:
            connection.execute(f'drop {"view" if kind == "VIEW" else "table"} marts."{name}"')
    return [name for name, _ in gone]


def compact_warehouse(settings: Settings, run_log: RunLog) -> None:
    """Give the disk back what the warehouse file no longer uses; a file that cannot be rewritten stays as it is and is told of.

    (What is deleted in a DuckDB file leaves free blocks, and a table built anew every 15 minutes leaves many.)
    """
    before = settings.warehouse_file.stat().st_size
    try:
        done = compact(settings.warehouse_file, memory_limit=settings.warehouse.memory_limit)
    except (BusyError, duckdb.IOException) as error:
        run_log.say(f"the warehouse file was not compacted: {error}")
        return
    if done:
        run_log.say(f"the warehouse file was compacted from {before >> 20} to {settings.warehouse_file.stat().st_size >> 20} MiB")


def run_dbt(context: AssetExecutionContext, project: Project, *, nightly: bool, full_refresh: bool) -> Iterator[Any]:
    """`dbt build` in a process of its own, its events as Dagster's.

    Raises:
        BuildError: a model or a blocking test failed; says which, with the first rows, and how to see the rest.
    """
    private_folder(project.target)
    arguments = ["build", "--vars", project.parsed_vars(), "--exclude-resource-type", "unit_test"]
    unfinished = private_folder(project.settings.state_dir) / "build.unfinished"
    if full_refresh or unfinished.exists():
        arguments.append("--full-refresh")
    if project.settings.warehouse.engine == "clickhouse":
        # it writes block by block: of a table that grows by each load a killed build may leave half of one, which looks like a whole one
        write_durably(unfinished, b"")
    (project.target / "run_results.json").unlink(missing_ok=True)  # of the build before: not of one that is killed now
    environment = {**project.environment(context.run.run_id), PARENT_VARIABLE: str(os.getpid())}
    profiles = project.folder if (project.folder / "profiles.yml").exists() else OWN_PROJECT
    invocation = start_dbt(
        arguments,
        exclude=() if nightly else ("tag:nightly",),
        executable=write_launcher(project.target / "dbt", *project.dbt),
        folders=(project.folder, profiles, project.target),
        environment=environment,
        context=context,
    )
    try:
        yield from invocation.stream()
        unfinished.unlink(missing_ok=True)
    except DagsterDbtCliRuntimeError:
        if _came_to_its_end(invocation):
            unfinished.unlink(missing_ok=True)
        raise BuildError(explain_failures(invocation, project)) from None
    except KeyError as error:
        message = f"the dbt project in {project.folder} was edited while it was being built ({error} is new); run the build again."
        raise BuildError(message) from None
    finally:
        if invocation.process.poll() is None:  # the run was stopped, or the project changed under it
            invocation.process.terminate()
            invocation.process.wait()


def _came_to_its_end(invocation: DbtCliInvocation) -> bool:
    """Whether every model that was begun is whole: at most tests failed."""
    try:
        results = invocation.get_artifact("run_results.json")["results"]
    except (OSError, orjson.JSONDecodeError, KeyError):
        return False
    return all(result["status"] != "error" for result in results)


def explain_failures(invocation: DbtCliInvocation, project: Project) -> str:
    """Which models and tests failed, the first rows of each test, and the command that shows them all."""
    try:
        results = invocation.get_artifact("run_results.json")["results"]
    except (OSError, orjson.JSONDecodeError, KeyError):
        return f"dbt stopped before it ran anything; its log is {project.target / 'dbt.log'}"
    broken = [result for result in results if result["status"] in {"error", "fail"}]
    if project.settings.warehouse.engine == "clickhouse":
        lines = [line for result in broken for line in _failure(lambda table: first_rows(project.settings, table, _ROWS_SHOWN), result)]
    else:
        with duckdb.connect(str(project.settings.warehouse_file), read_only=True) as connection:
            lines = [line for result in broken for line in _failure(lambda table: _first_rows(connection, table), result)]
    return "the build failed and the last published version stays:\n" + "\n".join(lines)


def _failure(look: Callable[[str], Sequence[Mapping[str, Any]] | None], result: dict[str, Any]) -> list[str]:
    name = result["unique_id"].split(".", 2)[2]
    if result["status"] == "error":
        message = (result.get("message") or "").strip()
        if "on_schema_change" in message:  # an upgrade, or an analyst, gave a table that grows by each load other columns
            message = "it has other columns than its table was made with; run once: skvoz build --full-refresh"
        return [f"- {name}: {message}"]
    lines = [f"- test {name}: {result['failures']} rows break it"]
    table = result.get("relation_name")
    found = look(table) if table else None
    if table and found is not None:
        lines += ["    " + ", ".join(f"{key}={value}" for key, value in row.items()) for row in found]
        plain = table.replace('"', "").replace("`", "")  # a shell reads the command: it stands in double quotes
        lines.append(f'  see them all with: skvoz query --warehouse "select * from {plain}"')
    return lines


def _first_rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]] | None:
    """The first rows of what a test left; None if it left nothing that can be read."""
    try:
        found = connection.execute(f"select * from {table} limit {_ROWS_SHOWN}")
    except duckdb.Error:
        return None
    columns = [column[0] for column in found.description or []]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def build_state(project: Project) -> dict[str, Any]:
    """What a build depends on: project files, vars, as_of, and the newest load; apart, what tables that grow by each load depend on."""
    with opened_raw(project.settings) as connection:
        load = newest_load(connection)
    return {"project": project.fingerprint(), "as_of": project.as_of.isoformat(), "growing": project.growing_fingerprint(), "load_id": load}


def read_state(settings: Settings) -> dict[str, Any] | None:
    """The state of the last build whose marts are published; None if there is none."""
    path = _state_file(settings)
    if not path.exists() or current_file(settings.data_dir / "published") is None:
        return None
    state: dict[str, Any] = orjson.loads(path.read_bytes())
    return state if state.pop("published", False) else None


def grows_otherwise(settings: Settings, state: Mapping[str, Any]) -> bool:
    """Whether the rows that a build before has left in growing tables were made by other models, macros or vars than now."""
    path = _state_file(settings)
    return path.exists() and orjson.loads(path.read_bytes()).get("growing") != state["growing"]


def write_state(settings: Settings, state: dict[str, Any], *, published: bool = False) -> None:
    """Remember what was built; `published` once readers have it."""
    private_folder(settings.state_dir)
    write_durably(_state_file(settings), orjson.dumps({**state, "published": published}))


def mark_published(settings: Settings) -> None:
    """The last build is what readers have now."""
    state: dict[str, Any] = orjson.loads(_state_file(settings).read_bytes())
    write_state(settings, {name: value for name, value in state.items() if name != "published"}, published=True)


def _state_file(settings: Settings) -> Path:
    return settings.state_dir / "build.json"
