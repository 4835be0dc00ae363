"""`skvoz init`, `check` and `sources`: getting a company connected."""

from __future__ import annotations

import difflib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingestion.mapped.columns import FEEDS, Feed
from orchestration.cli import config_option

if TYPE_CHECKING:
    from ingestion.spec import Source

_EXAMPLE = Path(__file__).resolve().parents[1] / "templates" / "skvoz.example.toml"  # a link to that of the top
_ENV_HEADER = "# Copy this file to .env, fill in what your skvoz.toml names, and keep it to yourself: chmod 600 .env\n"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--config", type=click.Path(path_type=Path), default=Path("skvoz.toml"), show_default=True, help="Name of the file to write.")
def init(folder: Path, config: Path) -> None:
    """Write a commented skvoz.toml and .env.example; never overwrites."""
    folder.mkdir(parents=True, exist_ok=True)
    example = _EXAMPLE.read_text(encoding="utf-8")
    secrets = dict.fromkeys(re.findall(r"\$\{([A-Z][A-Z0-9_]*)\}", example.replace("${NAME}", "")))
    for target, text in (
        (folder / config.name, example),
        (folder / ".env.example", _ENV_HEADER + "".join(f"{name}=\n" for name in secrets)),
    ):
        if target.exists():
            click.echo(f"{target} exists already and stays as it is")
            continue
        target.write_text(text, encoding="utf-8")
        click.echo(f"wrote {target}")
    where = "" if folder.resolve() == Path.cwd() else f"in {folder} "
    click.echo(f"next: put your systems into {folder / config.name}, their secrets into {folder / '.env'}, then run {where}skvoz check")


@click.command()
@click.option("--test-message", metavar="R", help="Also send a test message to email:ADDRESS or telegram:CHAT.")
@config_option
def check(test_message: str | None, config: Path) -> None:
    """Try every source, mail and Telegram with the real credentials: one line each, ok or what to do about it."""
    from ingestion.errors import IngestionError
    from ingestion.http import impatient
    from ingestion.redaction import redact
    from ingestion.sync import connected
    from orchestration.clickhouse import check_server
    from orchestration.configuration import whole_settings
    from reports.delivery.check import check_channels, send_test
    from reports.settings import load_settings as load_reader_settings

    settings = whole_settings(config)
    readers = load_reader_settings(config)
    failed = 0
    lacking = readers.dashboard.missing()
    parts = ("company", "telegram", *(["warehouse"] if settings.warehouse.url else []), *(["dashboard"] if lacking else []))
    width = max(len(name) for name in (*parts, *(one.name for one in settings.sources)))
    company = settings.company
    known = f"{company.name}: {company.currency}, {company.timezone}, holidays of {company.country}, reports in {company.locale}"
    click.echo(f"{'company':<{width}}  ok      {known}")
    if settings.warehouse.url:
        ok, line = check_server(settings)
        failed += not ok
        click.echo(redact(f"{'warehouse':<{width}}  {'ok' if ok else 'FAILED':<6}  {line}"))
    for source in settings.sources:
        notes: list[str] = []
        try:
            with impatient(), connected(settings, source, notes.append) as connector:
                line = connector.check()
        except IngestionError as error:
            failed += 1
            click.echo(redact(f"{source.name:<{width}}  FAILED  {error}"))
        else:
            click.echo(redact(f"{source.name:<{width}}  ok      {line}"))
        for note in notes:
            click.echo(redact(f"{'':<{width}}  note    {note}"))
    if not settings.sources:
        click.echo(f"{config} names no sources yet; add a [sources.<name>] table (see: skvoz sources)")
    lines = check_channels(readers, config.resolve().parent)
    if test_message:
        lines += send_test(readers, config.resolve().parent, test_message)
    for name, ok, line in lines:
        failed += not ok
        click.echo(redact(f"{name:<{width}}  {'ok' if ok else 'FAILED':<6}  {line}"))
    for line in lacking:
        failed += 1
        click.echo(f"{'dashboard':<{width}}  FAILED  {line}")
    if failed:
        sys.exit(1)


@click.command()
@click.argument("types", metavar="[TYPE]...", nargs=-1)
@click.option("--format", "output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--feed", type=click.Choice(tuple(FEEDS)), help="The columns that sql, rest and files map to one kind of rows, instead.")
@config_option
def sources(types: tuple[str, ...], output: str, feed: str | None, config: Path) -> None:  # noqa: ARG001 - every command takes --config
    """Every source type: its streams, how each loads, and the marts it feeds; of the types named also their keys in skvoz.toml."""
    from ingestion.discovery import all_sources

    if feed:
        _columns(FEEDS[feed], output)
        return
    known = all_sources()
    for name in types:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            msg = f"there is no source type {name!r}; {f'did you mean {near[0]}? ' if near else ''}skvoz sources lists them all"
            raise click.UsageError(msg)
    shown = [known[name] for name in types or sorted(known)]
    if output == "json":
        data = [
            {
                "type": source.type,
                "system": source.system,
                "title": source.title,
                "options": {name: field.description or "" for name, field in source.options.model_fields.items()},
                "streams": [{"name": stream.name, "loads": stream.loads, "feeds": list(stream.feeds)} for stream in source.streams],
            }
            for source in shown
        ]
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for source in shown:
        click.echo(f"{source.type}: {source.title}")
        width = max(len(stream.name) for stream in source.streams)
        for stream in source.streams:
            ends = f"feeds {', '.join(stream.feeds)}" if stream.feeds else "no mart reads it: for models of one's own"
            click.echo(f"  {stream.name:<{width}}  {stream.loads}; {ends}")
        if types:
            _keys(source)


def _keys(source: Source) -> None:
    """What its table in skvoz.toml may hold."""
    from orchestration.keys import shared_keys, source_keys

    keys = [*shared_keys(), *source_keys(source)]
    width = max(len(key.name) for key in keys)
    click.echo("keys of [sources.<name>]:")
    for key in keys:
        default = f" ({key.default if key.default == 'required' else f'default {key.default}'})" if key.default else ""
        click.echo(f"  {key.name:<{width}}  {key.meaning}{default}")


def _columns(feed: Feed, output: str) -> None:
    """What a mapped row may hold: each column, how it is read, what it means, and whether a row without it is refused."""
    if output == "json":
        data = [
            {"name": column.name, "kind": column.kind, "meaning": column.meaning, "required": column.required, "words": list(column.words)}
            for column in feed.columns
        ]
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    width = max(map(len, feed.names))
    for column in feed.columns:
        kind = f"one of {', '.join(column.words)}" if column.words else column.kind
        click.echo(f"{column.name:<{width}}  {kind}{', required' if column.required else ''}: {column.meaning}")
