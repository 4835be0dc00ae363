"""`skvoz dashboard` and `serve`: pages alone, or everything in the foreground."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli import config_option


@click.command()
@click.option("--port", default=8501, show_default=True, help="Port on the loopback address.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@config_option
def dashboard(port: int, host: str, config: Path) -> None:
    """Serve the pages; stop with Ctrl-C."""
    from dashboards.serve import serve_dashboard

    click.echo(f"pages at http://{host}:{port}/overview")
    serve_dashboard(config.resolve(), host, port)


@click.command()
@click.option("--port", default=8501, show_default=True, help="Port of the pages.")
@click.option("--dagster-port", default=3000, show_default=True, help="Port of Dagster's UI.")
@config_option
def serve(port: int, dagster_port: int, config: Path) -> None:
    """Schedules, Dagster's UI and the pages, in the foreground; stopped by Ctrl-C or SIGTERM."""
    from ingestion.settings import load_settings
    from orchestration.serve import serve_all

    serve_all(load_settings(config), port, dagster_port)
