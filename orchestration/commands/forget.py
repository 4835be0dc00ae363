"""`skvoz forget`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.cli import config_option

if TYPE_CHECKING:
    from ingestion.settings import Settings


@click.command()
@click.argument("customer", required=False)
@click.option("--phone", "phones", multiple=True, help="A telephone number of theirs; may be given again, as all of these.")
@click.option("--email", "emails", multiple=True, help="An address of theirs.")
@click.option("--tax-id", "tax_ids", multiple=True, help="Their tax id.")
@click.option("--customer", "customers", multiple=True, help="Their key in marts.dim_customers, like crm:contact:12.")
@click.option("--name", "names", multiple=True, help="Their whole name, also where no number stands beside it.")
@click.option("--idle-days", type=click.IntRange(min=1), help="Everybody (no companies) with whom nothing has happened for so many days.")
@click.option("--show", is_flag=True, help="Only show whom this would forget.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@config_option
def forget(
    customer: str | None,
    phones: tuple[str, ...],
    emails: tuple[str, ...],
    tax_ids: tuple[str, ...],
    customers: tuple[str, ...],
    names: tuple[str, ...],
    idle_days: int | None,
    show: bool,
    yes: bool,
    config: Path,
) -> None:
    """Forget a person: their names, numbers and addresses in the raw zone, the warehouse, every publication and the journal.

    CUSTOMER is their key in marts.dim_customers, their e-mail address or their telephone number; the options name them further.
    Documents and amounts stay. It cannot be undone. Without a name it finishes what was broken off.
    """
    from ingestion.forgotten import Forgotten
    from ingestion.lock import data_lock
    from ingestion.settings import load_settings
    from orchestration.forget import forget as forget_person
    from orchestration.forget_find import Asked, describe, find_person, idle_persons, named_by

    settings = load_settings(config)
    if customer is not None:
        kind = named_by(customer)
        phones, emails, customers = (
            (*given, customer) if kind == name else given for name, given in (("phone", phones), ("email", emails), ("customer", customers))
        )
    asked = Asked(phones, emails, tax_ids, customers, names)
    traces = None
    if idle_days is not None:
        idle = idle_persons(settings, idle_days)
        known = Forgotten.read(settings.state_dir)
        if not idle and not (known is not None and known.pending):  # what was broken off is finished even when nobody is added to it
            click.echo(f"there is nobody with whom nothing has happened for {idle_days} days")
            return
        asked = Asked(phones, emails, tax_ids, (*customers, *idle), names)
    if asked:
        with data_lock(settings.data_dir, "skvoz forget", wait_seconds=60.0):
            found = find_person(settings, asked)
        for line in describe(found):
            click.echo(line)
        if show:
            return
        if not yes:
            click.confirm("This cannot be undone. Forget all of this?", abort=True)
        traces = found.traces
    done = forget_person(settings, traces, lambda: _build(settings), click.echo)
    for path in done.closed:
        click.echo(f"{path}: cannot be looked into; delete it if it tells of the person", err=True)
    click.echo(
        "forgotten. What is not in skvoz's hands: backups made before, delivered mails and files, exchange files, the systems themselves"
    )


def _build(settings: Settings) -> str | None:
    from orchestration.run import build_config, run_job
    from orchestration.terminal import Terminal

    with Terminal() as terminal:
        # the schedule's runs go on meanwhile: a refresh that has just begun is waited for
        config = {**build_config(None, full_refresh=True, force=True), "wait_for_lock": 600.0}
        report = run_job(settings, "build", {"models": config}, terminal)
    return report.failure
