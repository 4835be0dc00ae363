"""What a zip archive holds, as files of this machine: programs pack what they mail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from ingestion.errors import PermanentError
from ingestion.formats.damage import DamagedFileError
from ingestion.formats.files import FoundFile, opened_parts
from ingestion.sources.files.folders import temporary_file
from ingestion.sources.files.formats import ENDINGS

_ZIP = ".zip"


def unpacked(path: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Name for people and place of each file that can be read: of an archive its members, one after the other, else the file itself.

    Args:
        path: where it is on this machine.
        name: as people know it.

    Raises:
        PermanentError: the archive is damaged, encrypted, a bomb, or holds nothing that can be read.
    """
    if not name.lower().endswith(_ZIP):
        yield name, path
        return
    nothing = True
    try:
        with opened_parts(FoundFile(path, name, []), ENDINGS) as parts:
            for part in parts:
                nothing = False
                with temporary_file(part.where) as member:
                    with member.open("wb") as file:
                        shutil.copyfileobj(part.stream, file)
                    yield part.where, member
    except DamagedFileError as error:
        message = f"{error}; have it packed again."
        raise PermanentError(message) from None
    if nothing:
        message = f"{name}: the archive holds no file of these kinds: {' '.join(sorted(ENDINGS))}; pack one of them."
        raise PermanentError(message)
