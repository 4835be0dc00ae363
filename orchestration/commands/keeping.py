"""`skvoz backup` and `restore`."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli import config_option

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option("--wait", "wait_seconds", default=60.0, show_default=True, help="Seconds to wait for a run that writes the warehouse.")
@config_option
def backup(folder: Path, wait_seconds: float, config: Path) -> None:
    """Copy raw zone, warehouse, published versions, journal, people and tokens into FOLDER, whole even during a run."""
    from ingestion.settings import load_settings
    from orchestration.backup import make_backup

    made = make_backup(load_settings(config), folder, wait_seconds=wait_seconds)
    click.echo(f"{made.folder}: {made.files} files, {made.bytes / 1e6:.1f} MB, each with its checksum")
    if made.without_warehouse:
        click.echo(f"the warehouse is not in it ({made.without_warehouse}); restoring builds it from the raw zone")
    click.echo(f"keep {config.name} and .env beside it: they are not in it")


@click.command()
@click.argument("folder", type=_FOLDER)
@config_option
def restore(folder: Path, config: Path) -> None:
    """Put a backup where this configuration's data belongs; FOLDER is a backup, or holds several (the newest is taken)."""
    from ingestion.lock import data_lock
    from ingestion.settings import load_settings
    from ingestion.sync import replay
    from orchestration.backup import restore_backup

    settings = load_settings(config)
    done = restore_backup(settings, folder)
    click.echo(f"restored {done.folder}: {done.files} files, every checksum is right")
    if done.without_warehouse:
        with data_lock(settings.data_dir, "skvoz restore"):
            results = replay(settings)
        click.echo(f"the warehouse was loaded anew from the raw zone: {sum(result.rows for result in results)} rows")
    click.echo("next: skvoz run (readers see the last published version meanwhile)")
