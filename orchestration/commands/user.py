"""`skvoz user`: the people who read figures: roles, rights, passwords for the pages, chats of the bot."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.cli import config_option

if TYPE_CHECKING:
    from reports.people import People


@click.group()
def user() -> None:
    """People: add, passwd, list, remove, link."""


def _scope(_context: click.Context, _parameter: click.Parameter, value: str) -> Any:
    from reports.errors import ReportsError
    from reports.people import parse_scope

    try:
        return parse_scope(value)
    except ReportsError as error:
        raise click.BadParameter(str(error)) from error


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(["director", "marketer", "analyst", "manager"]), required=True, help="What they do.")
@click.option(
    "--scope",
    default="all",
    show_default=True,
    callback=_scope,
    help="Whose rows they may see: all, department:NAME or manager:KEY (of dim_managers).",
)
@click.option("--email", default="", help="Their address, lower case; reports to it are made under their rights.")
@click.option("--locale", type=click.Choice(["ru", "en", "ro", "pl"]), help="Their language, if not the company's.")
@config_option
def add_command(name: str, role: Any, scope: Any, email: str, locale: str | None, config: Path) -> None:
    """Add a person."""
    person = _people(config).add(name, role, scope, email, locale or "")
    click.echo(f"added {person.name}; next: skvoz user passwd {name} (for the pages), skvoz user link {name} (for Telegram)")


@user.command("passwd")
@click.argument("name")
@config_option
def passwd_command(name: str, config: Path) -> None:
    """Set a person's password for the pages; it is asked for, or read from standard input as one line."""
    people = _people(config)
    people.get(name)
    asked = sys.stdin.isatty()
    password = click.prompt("password", hide_input=True, confirmation_prompt=True) if asked else sys.stdin.readline().rstrip("\r\n")
    people.set_password(name, password)
    click.echo(f"the password of {name} is set; every session under this name has ended")


@user.command("list")
@config_option
def list_command(config: Path) -> None:
    """Everybody, with role, rights, address and chats."""
    people = _people(config).everybody()
    if not people:
        click.echo("nobody yet; add somebody with: skvoz user add NAME --role director")
    for person in people:
        scope = person.scope.kind if not person.scope.value else f"{person.scope.kind}:{person.scope.value}"
        chats = ", ".join(str(chat) for chat in person.chats) or "no chat"
        click.echo(f"{person.name}  {person.role}  {scope}  {person.email or 'no e-mail'}  {chats}")


@user.command("remove")
@click.argument("name")
@config_option
def remove_command(name: str, config: Path) -> None:
    """Remove a person, their password and their chats."""
    _people(config).remove(name)
    click.echo(f"removed {name}; what was theirs gets nothing from now on: take it out of skvoz.toml too")


@user.command("link")
@click.argument("name")
@config_option
def link_command(name: str, config: Path) -> None:
    """Print a one-time code, valid ten minutes, that the person sends to the bot to link a chat."""
    code = _people(config).make_code(name)
    click.echo(f"{code}")
    click.echo(f"{name} sends this code to the bot within ten minutes; the bot must be running: skvoz serve, or skvoz report bot", err=True)


def _people(config: Path) -> People:
    from reports.people import People
    from reports.settings import load_settings

    return People(load_settings(config).warehouse.path / "state")
