"""`skvoz worker`: a machine that extracts."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from orchestration.cli import config_option


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE…")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address that the scheduler reaches this machine at; a private one.")
@click.option("--port", type=click.IntRange(1, 65535), default=4266, show_default=True)
@config_option
def worker(sources: tuple[str, ...], host: str, port: int, config: Path) -> None:
    """Extract SOURCEs when the scheduler of another machine says so, until stopped.

    It answers without a password: let only the scheduler reach the port. [runs] workers of the scheduler's skvoz.toml names host and port.
    """
    from ingestion.errors import ConfigurationError
    from ingestion.settings import load_settings
    from orchestration.home import MODULE, WORKER_VARIABLE, prepare_home

    settings = load_settings(config)
    for name in sources:
        settings.configured(name)
    if not settings.runs.per_source:
        raise ConfigurationError(
            [f"{config.name}: workers need [runs] per_source = true and [warehouse] raw, where they leave what they read"]
        )
    prepare_home(settings)
    os.environ[WORKER_VARIABLE] = ",".join(sources)
    dagster = str(Path(sys.executable).with_name("dagster"))
    arguments = ["api", "grpc", "--host", host, "--port", str(port), "--module-name", MODULE, "--location-name", f"{host}:{port}"]
    os.execv(dagster, [dagster, *arguments])  # noqa: S606 - no shell is wanted
