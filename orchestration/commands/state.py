"""`skvoz status` and `rollback`: what is there, how fresh it is, and going back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from orchestration.cli import config_option


@click.command()
@click.option("--format", "output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@config_option
def status(output: str, config: Path) -> None:
    """Freshness per source and stream, last runs, last deliveries, what the alerts came to, published version."""
    from ingestion.settings import load_settings
    from orchestration.overview import read_status

    state = read_status(load_settings(config))
    if output == "json":
        click.echo(json.dumps(state, ensure_ascii=False, indent=2))
        return
    published = state["published"]
    if published:
        click.echo(f"published: {published['version']}, as of {published['as_of']}, {published['versions']} versions kept")
    else:
        click.echo("published: nothing yet; run: skvoz run")
    if state.get("forgetting"):
        click.echo("a person who was to be forgotten is not forgotten everywhere yet; run: skvoz forget")
    if state["writing"]:
        click.echo("a run writes the warehouse just now: the sources below are those of the published version")
    _table("sources", ["source", "stream", "rows", "deleted", "rejected", "last_loaded_at"], state["sources"])
    _table("runs", ["job", "status", "started_at", "seconds"], state["runs"])
    _table("deliveries", ["report", "period", "channel", "recipient", "state", "at"], state["deliveries"])
    if state["alerts"]:
        _table("alerts", ["alert", "reader", "holding", "known_before", "waiting", "told_at", "reckoned_at", "problem"], state["alerts"])


@click.command()
@click.argument("version", required=False)
@config_option
def rollback(version: str | None, config: Path) -> None:
    """Point readers at an earlier published version (the one before the present, or the named one)."""
    from ingestion.lock import data_lock
    from ingestion.settings import load_settings
    from orchestration.publish import rollback as go_back

    settings = load_settings(config)
    with data_lock(settings.data_dir, "skvoz rollback"):
        chosen = go_back(settings, version)
    click.echo(f"readers now see {chosen.name}; the next successful build publishes anew")


def _table(title: str, columns: list[str], rows: list[dict[str, Any]]) -> None:
    click.echo(f"\n{title}:")
    if not rows:
        click.echo("  none")
        return
    cells = [columns, *[["" if row.get(c) is None else str(row[c]) for c in columns] for row in rows]]
    widths = [max(len(line[number]) for line in cells) for number in range(len(columns))]
    for line in cells:
        click.echo("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
