"""Masks the traces of forgotten persons in `<path>/state`: SQLite files (journal, alerts, Dagster's history), JSON and text.

Tokens and keys are left alone; binary files and archives cannot be looked into and are named instead.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from ingestion.durable import write_durably
from ingestion.forgotten import FILE, Forgotten
from orchestration.errors import OrchestrationError

_SQLITE = b"SQLite format 3\x00"
_WAIT_SECONDS = 30
_LEFT_ALONE = ("tokens-",)
_LEFT_SUFFIXES = (".lock", "-wal", "-shm", ".sock", ".key")


def forget_in_state(state: Path, forgotten: Forgotten) -> list[Path]:
    """Mask every file of the folder.

    Returns:
        Files that could not be looked into.

    Raises:
        OrchestrationError: a file is in use.
    """
    closed = []
    shutil.rmtree(state / "outbox", ignore_errors=True)  # messages that wait are made anew from the new publication
    for path in sorted(state.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.name == FILE:
            continue
        if path.name.startswith(_LEFT_ALONE) or path.name.endswith(_LEFT_SUFFIXES):
            continue
        with path.open("rb") as file:
            is_database = file.read(len(_SQLITE)) == _SQLITE
        if is_database:
            try:
                _forget_in_database(path, forgotten)
            except sqlite3.OperationalError as error:
                message = f"{path}: {error}; stop skvoz serve, and run the same command again: it goes on where it stopped."
                raise OrchestrationError(message) from None
        elif not _forget_in_file(path, forgotten):
            closed.append(path)
    return closed


def masked_text(text: str, forgotten: Forgotten) -> str:
    """A text without the traces, also inside JSON whose letters are written as escapes; the same object if there are none."""
    if "\\u0" in text and text.lstrip()[:1] in ("{", "["):
        try:
            thing = orjson.loads(text)
        except orjson.JSONDecodeError:
            pass
        else:
            masked = forgotten.value(thing)
            return text if masked is thing else orjson.dumps(masked).decode()
    return forgotten.text(text)


def _forget_in_file(path: Path, forgotten: Forgotten) -> bool:
    """False if the file is no text."""
    data = path.read_bytes()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    masked = masked_text(text, forgotten)
    if masked is not text:
        write_durably(path, masked.encode())
    return True


def _forget_in_database(path: Path, forgotten: Forgotten) -> None:
    """Mask every text of every table, and rewrite the file, for what was deleted stays in its free pages."""
    with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
        connection.execute("pragma secure_delete = on")
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")]
        connection.execute("begin immediate")
        changed = sum(_forget_in_table(connection, table, forgotten) for table in tables)
        connection.execute("commit")
        if changed:
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)")


def _forget_in_table(connection: sqlite3.Connection, table: str, forgotten: Forgotten) -> int:
    keys = [row[1] for row in connection.execute(f'pragma table_info("{table}")') if row[5]]
    where = " and ".join(f'"{key}" is ?' for key in keys) if keys else "rowid is ?"
    selected = ", ".join(f'"{key}"' for key in keys) if keys else "rowid"
    changed = 0
    cursor = connection.execute(f'select {selected}, * from "{table}"')
    width = len(keys) or 1
    columns = [column[0] for column in cursor.description][width:]
    for row, news in list(_changes(cursor, columns, width, forgotten)):
        places = ", ".join(f'"{name}" = ?' for name in news)
        connection.execute(f'update "{table}" set {places} where {where}', [*news.values(), *row[:width]])
        changed += 1
    return changed


def _changes(
    cursor: sqlite3.Cursor, columns: list[str], width: int, forgotten: Forgotten
) -> Iterator[tuple[tuple[Any, ...], dict[str, str]]]:
    for row in cursor:
        news = {}
        for name, value in zip(columns, row[width:], strict=True):
            if isinstance(value, str) and (masked := masked_text(value, forgotten)) is not value:
                news[name] = masked
        if news:
            yield row, news
