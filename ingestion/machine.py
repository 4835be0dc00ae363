"""Faults of the machine that any step may meet: a full disk, missing rights, a damaged or locked file; each as a sentence."""

import errno
import os
import sqlite3
import sys

_ROOM = "make room."
_WRITABLE = "it is mounted read-only; mount it to be written, or name another folder in [warehouse] path."
_RIGHT = "it belongs to another user; give it to the one that runs skvoz (chown -R), or run skvoz as its owner."
_MENDS = {errno.ENOSPC: _ROOM, errno.EDQUOT: _ROOM, errno.EROFS: _WRITABLE, errno.EACCES: _RIGHT, errno.EPERM: _RIGHT}
_WAIT = "wait for the run to end, or close the tool that keeps it open; the published marts can be asked at any time."
_NAME = "make that folder, or name another."
_NO_FOLDER = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG}


def fault_of_machine(error: BaseException) -> str | None:
    """The sentence for an error that is the machine's; None for anything else."""
    if isinstance(error, OSError) and error.errno in _MENDS:
        return f"{error.filename or 'the data folder'}: {error.strerror}; {_MENDS[error.errno]}"
    if isinstance(error, OSError) and error.filename and error.errno in _NO_FOLDER:
        return f"{error.filename}: {error.strerror}; {_NAME}"
    told = getattr(error, "orig", error)  # SQLAlchemy's own error, of Dagster's runs, holds SQLite's
    if isinstance(told, sqlite3.Error):
        return _of_sqlite(str(told))
    return _of_duckdb(error) if "duckdb" in sys.modules else None


def want_of_room(output: str) -> str | None:
    """The sentence for another program that ended for want of room, by its last words; None where they tell of anything else."""
    return f"the data folder: {os.strerror(errno.ENOSPC)}; {_ROOM}" if f"[Errno {errno.ENOSPC}]" in output else None


def _of_sqlite(text: str) -> str | None:
    """Of journals and indexes (deliveries, people, runs, what the raw zone holds); SQLite names no file."""
    refused = f"the journals in [warehouse] path cannot be written ({text});"
    if "readonly database" in text or "unable to open database file" in text:
        return f"{refused} let the user that runs skvoz write that folder, or name another."
    if "disk is full" in text or "disk I/O error" in text:  # the second: there is no room for what it writes beside its file while it reads
        return f"{refused} {_ROOM}"
    if "malformed" in text or "not a database" in text:
        return f"a journal in [warehouse] path is damaged ({text}); restore the folder state from a backup."
    return None


def _of_duckdb(error: BaseException) -> str | None:
    import duckdb

    if not isinstance(error, duckdb.Error):
        return None
    text = str(error).splitlines()[0]
    for number in (errno.ENOSPC, errno.EROFS, errno.EACCES):
        if os.strerror(number) in text:
            return f"{text}; {_MENDS[number]}"
    if "Could not set lock on file" in text:
        held = text.partition('file "')[2].partition('"')[0] or "the warehouse"
        who = text.partition("(PID ")[2].partition(")")[0]
        return f"{held}: {f'process {who}' if who else 'another process'} has it open; {_WAIT}"
    if "Cannot open file" in text and ("No such file or directory" in text or "Not a directory" in text or "Is a directory" in text):
        return f"{text}; {_NAME}"
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"{text}; give it more with [warehouse] memory_limit, or fewer threads."
    damaged = ("Could not read enough bytes", "Corrupt database file", "not a valid DuckDB database", "Serialization Error", "checksum")
    if any(word in text for word in damaged):
        return f"{text}; the file is damaged: go back with skvoz rollback if it is a publication, restore it from a backup if not."
    return None
