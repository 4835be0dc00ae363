"""What is wrong with a file: which file, where in it, and why; the records before that place are kept."""

from __future__ import annotations


class DamagedFileError(Exception):
    """A file, or a part of an archive, that cannot be read to its end."""

    def __init__(self, where: str, cause: str) -> None:
        super().__init__(f"{where}: {cause}")
        self.where = where
        self.cause = cause
