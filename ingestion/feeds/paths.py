"""The files that a path in skvoz.toml means: one file, a folder with everything below it, or a pattern."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import PermanentError
from ingestion.formats.files import unreadable
from ingestion.spec import Context

_NOT_MEANT = ("~$", ".")  # an open workbook's lock file, hidden files


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file as it was found.

    Attributes:
        path: absolute.
        name: for people, relative to skvoz.toml where it lies below it.
        size: bytes.
        modified_ns: nanoseconds since 1970.
    """

    path: Path
    name: str
    size: int
    modified_ns: int

    def data(self) -> bytes:
        """The whole content; PermanentError if it cannot be read."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise unreadable(self.name, error) from None


def found_files(path: str, context: Context, accept: Callable[[str], bool] | None = None) -> list[FoundFile]:
    """Files of a path, the oldest change first.

    Args:
        path: as configured; relative to the folder of skvoz.toml.
        context: of the source.
        accept: whether a file of this name in a folder or pattern is meant; default every one.

    Raises:
        PermanentError: there is no such file or folder.
    """
    pattern = Path(path).expanduser()
    absolute = pattern if pattern.is_absolute() else context.base_dir / pattern
    if absolute.is_file():
        found, accept = [absolute], None  # a file named by itself is meant, whatever it is called
    elif absolute.is_dir():
        found = [one for one in absolute.rglob("*") if one.is_file()]
    else:
        anchor = Path(absolute.anchor)
        found = [one for one in anchor.glob(str(absolute.relative_to(anchor))) if one.is_file()]
        if not found:
            message = f"{context.source}: there is no file or folder {path}; put it there or correct path in skvoz.toml."
            raise PermanentError(message)
    files = [_described(one, context.base_dir) for one in found if not one.name.startswith(_NOT_MEANT)]
    return sorted((one for one in files if accept is None or accept(one.path.name)), key=lambda one: (one.modified_ns, one.name))


def _described(path: Path, base: Path) -> FoundFile:
    stat = path.stat()
    name = str(path.relative_to(base)) if path.is_relative_to(base) else str(path)
    return FoundFile(path, name, stat.st_size, stat.st_mtime_ns)
