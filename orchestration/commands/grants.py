"""`skvoz grants`: what an administrator of ClickHouse runs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from orchestration.cli import config_option


@click.command()
@config_option
def grants(config: Path) -> None:
    """Print the accounts, grants and row policies that ClickHouse needs, for an administrator to read and run."""
    from ingestion.settings import load_settings
    from orchestration.clickhouse import database_of, opened_publisher
    from orchestration.clickhouse_access import account_statements, publication_statements, role_of
    from orchestration.publish import current_file
    from reports.people import People

    settings = load_settings(config)
    if settings.warehouse.engine != "clickhouse":
        click.echo(f"{config.name} says engine = {settings.warehouse.engine!r}: there is nothing to grant on a file", err=True)
        sys.exit(2)
    people = People(settings.state_dir).everybody()
    for statement in account_statements(settings, people):
        click.echo(f"{statement};")
    current = current_file(settings.data_dir / "published")
    if current is None or current.suffix != ".clickhouse":
        return
    database = database_of(current)
    click.echo(f"\n-- of publication {database}; with [warehouse] accounts = true every publication is given its own")
    with opened_publisher(settings) as publisher:
        tables = publisher.columns(database)
    for statement in publication_statements(settings, database, tables, people, map(role_of, people)):
        click.echo(f"{statement};")
