"""`skvoz new source`, `new report` and `new project`: skeletons that pass their own tests."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli import config_option

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
    """Write the skeleton of a connector or a report with its tests, or of a dbt project of the company's own."""


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


@new.command()
@click.argument("name")
@config_option
def project(name: str, config: Path) -> None:
    """A dbt project NAME beside skvoz.toml: models, checks and tests of the company's own, built and published with ours."""
    from orchestration.scaffold import new_project

    for path in new_project(name, config.parent):
        click.echo(f"wrote {path}")
    click.echo(f'next: put these two lines into {config.name}, then run: skvoz build\n\n[dbt]\nproject = "{name}"')
