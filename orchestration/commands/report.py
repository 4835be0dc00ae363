"""`skvoz report`: what reports there are, rendering one to files, sending one, and answering in Telegram."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from orchestration.cli import config_option


@click.group()
def report() -> None:
    """Reports: list, render, send, resume, bot."""


@report.command("list")
@config_option
def list_reports(config: Path) -> None:  # noqa: ARG001 - every command takes --config
    """Every report, its period, when it usually goes out (cron, the company's time), and what it is called."""
    from reports.catalogue import all_reports
    from reports.wording import load_words

    words = load_words("en")
    for name, spec in sorted(all_reports().items()):
        click.echo(f"{name:<20} {spec.period:<6} {spec.schedule:<13} {words.text(f'report.{name}')}")


@report.command("render")
@click.argument("name")
@click.option("--period", help="2026-03-31, 2026-W13, 2026-03 or 2026-Q1; default: the last complete one.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path(), show_default=True, help="Folder to write into.")
@click.option("--locale", type=click.Choice(["ru", "en", "ro", "pl"]), help="Default: the company's.")
@click.option("--pdf", is_flag=True, help="Also as PDF, printed by Chromium.")
@config_option
def render_command(name: str, period: str | None, out: Path, locale: str | None, pdf: bool, config: Path) -> None:
    """Write a report as mail-safe HTML, text, the message as it would be sent, its tables as xlsx, and its pictures."""
    from reports.publications import current_publication
    from reports.render.report import render_report
    from reports.settings import load_settings

    settings = load_settings(config)
    with current_publication(settings.warehouse) as published:
        rendered = render_report(name, published, settings, period=period, locale=locale, out_dir=out, pdf=pdf)
    for path in rendered.files:
        click.echo(f"wrote {path}")
    if pdf and rendered.pdf is None:
        click.echo("no PDF: there is no working Chromium on this machine; install it, or name one in BROWSER_PATH", err=True)
        sys.exit(1)


@report.command("send")
@click.argument("name")
@click.option("--period", help="2026-03-31, 2026-W13, 2026-03 or 2026-Q1; default: the last complete one.")
@click.option("--to", multiple=True, metavar="R", help="email:…, telegram:…, file:… or webhook:…; default: the report's subscribers.")
@click.option("--pdf", is_flag=True, help="A PDF goes along, even if the subscription asks for none.")
@click.option("--force", is_flag=True, help="Also to those who have got it already, or of whom nobody knows whether they have.")
@config_option
def send_command(name: str, period: str | None, to: tuple[str, ...], pdf: bool, force: bool, config: Path) -> None:
    """Send a report now. Whoever has got it already is left out; --force sends again and says so.

    A past period is made from the last version published on its day, while that is kept; else from the present one, and says so.
    """
    from reports.catalogue import find_report
    from reports.delivery.compose import Order
    from reports.delivery.office import Office
    from reports.delivery.recipients import resolve
    from reports.delivery.send import send_report
    from reports.render.report import report_period
    from reports.settings import load_settings

    settings = load_settings(config)
    spec = find_report(name)
    with Office(settings, config.resolve().parent) as office:
        wanted = report_period(spec, office.published, period)
        version = office.choose_version_for(wanted) if period is not None else None
        if period is not None:
            click.echo(_from_version(version))
        subscriptions = [entry for entry in settings.reports.subscriptions if entry.report == name]
        groups: list[tuple[tuple[str, ...], Any, bool, bool]] = [
            (entry.to, entry.locale, entry.send_empty, entry.pdf) for entry in subscriptions
        ]
        if to:
            groups = [(to, None, True, False)]
        if not groups:
            message = f"nobody is subscribed to {name}; name recipients with --to, or add [[reports.subscriptions]] to {config.name}"
            raise click.UsageError(message)
        outcomes = []
        for recipients, locale, send_empty, with_pdf in groups:
            order = Order(name, wanted, locale, revised=period is not None and version is None, pdf=pdf or with_pdf)
            outcomes += send_report(office, order, resolve(recipients, office.people), force=force, send_empty=send_empty)
    bad = 0
    for outcome in outcomes:
        if outcome.delivery is None:
            click.echo(f"{outcome.recipient}  nothing done: {outcome.note}; --force sends again")
            continue
        state, reason = outcome.delivery.state, outcome.delivery.reason
        bad += state in ("failed", "unknown")
        again = "  (sent again by --force)" if outcome.delivery.forced and state in ("sent", "partial") else ""
        click.echo(f"{outcome.recipient}  {state}{again}{': ' + reason if reason else ''}")
    if not outcomes:
        click.echo("nobody to send to: the people named have no linked chat yet (skvoz user link)")
    if bad:
        sys.exit(1)


@report.command("resume")
@click.argument("recipient")
@click.option("--report", "name", default="*", help="The report that was unsubscribed from; default: whatever stands in the way of all.")
@config_option
def resume_command(recipient: str, name: str, config: Path) -> None:
    """Send to RECIPIENT (email:… or telegram:…) again, after it unsubscribed or refused on three days."""
    from reports.delivery.office import Office
    from reports.delivery.recipients import resolve
    from reports.settings import load_settings

    with Office(load_settings(config), config.resolve().parent) as office:
        for found in resolve([recipient], office.people):
            office.standing.resume(name, found.channel, found.address)
            click.echo(f"{found} gets {'everything it is subscribed to' if name == '*' else name} again, from the next issue on")


@report.command("bot")
@config_option
def bot_command(config: Path) -> None:
    """Answer the people whose chats are linked to the Telegram bot; stop with Ctrl-C. `skvoz serve` runs this too."""
    from reports.delivery.bot import run_bot
    from reports.settings import load_settings

    click.echo("the bot answers; stop with Ctrl-C")
    run_bot(load_settings(config))


def _from_version(published_at: datetime | None) -> str:
    if published_at is None:
        return "the version published on that day is not kept any more: made from the present one"
    return f"made from the version published at {published_at:%Y-%m-%d %H:%M} UTC"
