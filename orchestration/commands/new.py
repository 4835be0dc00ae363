"""`skvoz new source` and `new report`: skeletons that pass their own tests."""

from __future__ import annotations

from pathlib import Path

import click

_root = click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    show_default=True,
    help="The checkout of skvoz.",
)
_config = click.option(
    "--config", type=click.Path(path_type=Path), expose_value=False, hidden=True, help="Accepted like everywhere; a skeleton needs none."
)


@click.group()
def new() -> None:
    """Write the skeleton of a connector or a report with its tests."""


@new.command()
@click.argument("name")
@_root
@_config
def source(name: str, root: Path) -> None:
    """A source type NAME: module, local peer, tests, staging folder, guide."""
    from orchestration.scaffold import new_source

    for path in new_source(name, root):
        click.echo(f"wrote {path}")
    click.echo(f"next: pytest tests/ingestion/sources -k {name}; then docs/sources/adding.md says how to go on")


@new.command()
@click.argument("name")
@_root
@_config
def report(name: str, root: Path) -> None:
    """A report NAME: module, figures, question, test, words in four languages."""
    from orchestration.scaffold import new_report

    for path in new_report(name, root):
        click.echo(f"wrote {path}")
    click.echo(f"next: pytest tests/reports/test_{name}.py; then give it its words in reports/words and its question")
