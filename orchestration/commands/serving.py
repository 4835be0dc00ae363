"""`skvoz dashboard` and `serve`: pages alone, or everything in the foreground."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from orchestration.cli import config_option

_PORT = click.IntRange(1, 65535)


@click.command()
@click.option("--port", default=8501, type=_PORT, show_default=True, help="Port of the pages.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the pages.")
@config_option
def dashboard(port: int, host: str, config: Path) -> None:
    """Serve the pages; stop with Ctrl-C."""
    from dashboards.serve import serve_dashboard
    from orchestration.serve import must_be_free
    from reports.settings import load_settings

    must_be_free("--port", port, host)
    load_settings(config)
    click.echo(f"pages at http://{host}:{port}/overview")
    with suppress(KeyboardInterrupt):  # the server has stopped by then, as it was asked to
        serve_dashboard(config.resolve(), host, port)


@click.command()
@click.option("--port", default=8501, type=_PORT, show_default=True, help="Port of the pages.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the pages and of the health endpoint.")
@click.option("--dagster-port", default=3000, type=_PORT, show_default=True, help="Port of Dagster's UI, on loopback: it knows no login.")
@click.option("--health-port", default=8502, type=_PORT, show_default=True, help="Port of /health: what each part is doing, as JSON.")
@click.option("--no-ui", is_flag=True, help="Leave Dagster's UI out, on a small machine; schedules run all the same.")
@click.option("--log-format", type=click.Choice(["lines", "json"]), default="lines", show_default=True, help="For people or for machines.")
@config_option
def serve(port: int, host: str, dagster_port: int, health_port: int, no_ui: bool, log_format: Any, config: Path) -> None:
    """Schedules, Dagster's UI, the pages and the bot, in the foreground; a part that dies is started again; stop with Ctrl-C or SIGTERM."""
    from orchestration.lean_part import leave_out_colours

    leave_out_colours()
    from orchestration.serve import ServeOptions, serve_all, settings_checked_elsewhere

    serve_all(settings_checked_elsewhere(config), ServeOptions(host, port, None if no_ui else dagster_port, health_port, log_format))
