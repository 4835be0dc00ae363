"""The command line: finds commands, turns every known error into plain sentences and an exit code.

Exit codes: 0 ok, 1 failed, 2 bad usage or configuration.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

_COMMANDS = {
    "grants": "grants",
    "init": "setup",
    "check": "setup",
    "sources": "setup",
    "sync": "data",
    "build": "data",
    "run": "data",
    "status": "state",
    "rollback": "state",
    "backup": "keeping",
    "restore": "keeping",
    "forget": "forget",
    "query": "read",
    "export": "read",
    "report": "report",
    "user": "user",
    "dashboard": "serving",
    "serve": "serving",
    "demo": "demo",
    "migrate": "migrate",
    "new": "new",
    "worker": "worker",
}


class _Lazy(click.Group):
    """Commands are imported when they are asked for: Dagster alone takes seconds to import."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's own signature
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(importlib.import_module(f"orchestration.commands.{module}"), cmd_name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            near = difflib.get_close_matches(args[0], _COMMANDS, n=2)
            meant = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(_COMMANDS)}."
            ctx.fail(f"No such command {args[0]!r}; {meant}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            code = _explain(error)
            if code is None:
                raise
            sys.exit(code)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="skvoz")
def main() -> None:
    """Skvoz: analytics and reports for a company that keeps its books in 1C and its sales in a CRM."""
    os.umask(0o077)  # everything written belongs to its owner alone


def config_option(command: Any) -> Any:
    """The option --config that every command has; loads `.env` beside the file into the environment."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("skvoz.toml"),
        show_default=True,
        callback=_load_environment,
        help="The configuration file.",
    )(command)


def _load_environment(_context: click.Context, _parameter: click.Parameter, value: Path) -> Path:
    from dotenv import load_dotenv

    from ingestion.environment import readable

    with readable(value.parent / ".env"):
        load_dotenv(value.parent / ".env", override=False)
    os.environ["SKVOZ_CONFIG"] = str(value.resolve())
    return value


def _explain(error: Exception) -> int | None:
    """Print an error that is ours and give its exit code; None for one that is not."""
    from ingestion.errors import ConfigurationError, IngestionError
    from ingestion.machine import fault_of_machine
    from ingestion.redaction import redact
    from orchestration.errors import NoVersionError, OrchestrationError
    from reports.errors import CatalogError, PeriodError, ReportsError, SettingsError

    if not isinstance(error, IngestionError | OrchestrationError | ReportsError):
        sentence = fault_of_machine(error)
        if sentence is None:
            return None
        click.echo(redact(sentence), err=True)
        return 1
    click.echo(redact(str(error)), err=True)
    # a report, a period or a version that does not exist is a wrong word on the command line
    return 2 if isinstance(error, ConfigurationError | SettingsError | CatalogError | PeriodError | NoVersionError) else 1
