"""`skvoz migrate`: the warehouse from DuckDB to ClickHouse, or Dagster's runs from files to PostgreSQL."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from orchestration.cli import config_option


@click.command()
@click.option("--to", "engine", type=click.Choice(["clickhouse", "postgresql"]), required=True, help="Where to move.")
@click.option("--restart", is_flag=True, help="Empty what an earlier migration loaded, and begin anew.")
@click.option(
    "--switch/--no-switch", "switch_over", default=True, show_default=True, help="Change the line of skvoz.toml when everything is equal."
)
@config_option
def migrate(engine: str, restart: bool, switch_over: bool, config: Path) -> None:
    """Move the warehouse to ClickHouse, or Dagster's runs to PostgreSQL.

    To clickhouse: the raw zone is replayed there, the marts are built and compared with the published ones, and only then it switches.
    To postgresql: runs, their events and the state of schedules are copied into [runs] storage.
    """
    from ingestion.lock import data_lock
    from ingestion.settings import load_settings

    if engine == "postgresql":
        from orchestration.move_runs import move_runs

        settings = load_settings(config)
        with data_lock(settings.data_dir, f"skvoz migrate --to {engine}"):
            click.echo(f"{move_runs(settings, click.echo)} runs are in PostgreSQL; skvoz uses it from its next start")
        return
    from orchestration.migrate import migrate as move
    from orchestration.migrate import switch

    settings = load_settings(config)
    with data_lock(settings.data_dir, f"skvoz migrate --to {engine}"):
        compared = move(settings, click.echo, restart=restart)
    different = [mart for mart in compared if not mart.equal]
    rows = sum(mart.rows for mart in compared)
    if different:
        click.echo(
            f"{len(different)} of {len(compared)} marts differ: {', '.join(mart.mart for mart in different)}; nothing was changed."
            " Please report this; DuckDB keeps serving.",
            err=True,
        )
        sys.exit(1)
    click.echo(f"{len(compared)} marts, {rows} rows: equal on both engines")
    if switch_over:
        switch(settings.file)
        click.echo(f'{settings.file.name} now says engine = "clickhouse"; skvoz build publishes from there, skvoz rollback goes back')
    else:
        click.echo(f'to switch, write engine = "clickhouse" into [warehouse] of {settings.file.name}; until then DuckDB keeps serving')
