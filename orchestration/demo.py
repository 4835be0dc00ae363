"""The demo: the sandbox company's five systems on loopback ports, then everything else exactly as in production."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from ingestion.durable import private_folder
from ingestion.sandbox.company import build_company
from ingestion.sandbox.company_systems import running_systems
from ingestion.settings import load_settings
from orchestration.run import build_config, run_job
from orchestration.terminal import Terminal


def run_demo(folder: Path, *, scale: float, seed: int) -> bool:
    """Build the demo in `folder`: skvoz.toml, data, report; True if everything came through."""
    from reports.publications import current_publication
    from reports.render.report import render_report
    from reports.settings import load_settings as load_reader_settings

    private_folder(folder)
    click.echo(f"making the sandbox company (scale {scale:g}) and starting its 1C, amoCRM, Bitrix24 and Yandex Direct on this machine")
    company = build_company(seed=seed, scale=scale, today=datetime.now(ZoneInfo("Europe/Moscow")).date())
    with running_systems(company, folder) as systems:
        os.environ.update(systems.environment)
        config = folder / "skvoz.toml"
        config.write_text(systems.toml, encoding="utf-8")
        settings = load_settings(config)
        operations = {"extract_and_load": {"wait_for_lock": 0.0}, "models": build_config(None)}
        with Terminal() as terminal:
            report = run_job(settings, "refresh", operations, terminal)
    if report.failure is not None:
        click.echo(report.failure, err=True)
        return False
    readers = load_reader_settings(config)
    with current_publication(readers.warehouse) as published:
        for locale in ("ru", "en"):
            rendered = render_report("director_daily", published, readers, None, locale=locale, out_dir=folder / "report")
            for path in rendered.files:
                click.echo(f"wrote {path}")
    click.echo(f"\nthe report: {folder / 'report'}; the pages: skvoz dashboard --config {config}")
    click.echo(f'ask anything: skvoz query --config {config} "select * from customer_turnover order by turnover_3m desc limit 10"')
    return all(outcome.error is None for outcome in report.outcomes)
