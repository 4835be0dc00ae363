"""`skvoz report`: what reports there are, and rendering one to files."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli import config_option


@click.group()
def report() -> None:
    """Reports: list, render."""


@report.command("list")
@config_option
def list_reports(config: Path) -> None:  # noqa: ARG001 - every command takes --config
    """Every report, its period and when it usually goes out."""
    from reports.catalogue import all_reports

    for name, spec in sorted(all_reports().items()):
        click.echo(f"{name}  ({spec.period})")


@report.command("render")
@click.argument("name")
@click.option("--period", help="2026-03-31, 2026-W13, 2026-03 or 2026-Q1; default: the last complete one.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path(), show_default=True, help="Folder to write into.")
@click.option("--locale", type=click.Choice(["ru", "en", "ro", "pl"]), help="Default: the company's.")
@config_option
def render_command(name: str, period: str | None, out: Path, locale: str | None, config: Path) -> None:
    """Write a report as mail-safe HTML, text, the message as it would be sent, and its pictures."""
    from reports.published import Published
    from reports.render.report import render_report
    from reports.settings import load_settings

    settings = load_settings(config)
    with Published.current(settings.warehouse.path / "published") as published:
        rendered = render_report(name, published, settings, period=period, locale=locale, out_dir=out)
    for path in rendered.files:
        click.echo(f"wrote {path}")
