"""A folder as recipient: the report's files, each renamed into place whole; writing the same again changes nothing."""

import os
import re
from pathlib import Path
from types import TracebackType
from typing import Self

from reports.delivery.channel import Steps
from reports.delivery.errors import RefusedError
from reports.delivery.message import Message

_UNSAFE = re.compile(r"[^\w.@-]+")


class FolderChannel:
    """Folders named by `file:`, relative to skvoz.toml."""

    def __init__(self, base: Path) -> None:
        """Takes the folder of skvoz.toml."""
        self._base = base

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing to close."""

    def check(self) -> str:
        """Folders need no credentials."""
        return f"folders below {self._base}"

    def deliver(self, message: Message, address: str, steps: Steps) -> None:
        """Writes the page, the text, the pictures and the documents; a step that may be repeated needs no mark before it."""
        folder = self._base / address
        # the period of a notice names addresses and publications: only what every file system takes stays
        stem = _UNSAFE.sub("-", f"{message.report}-{message.period}")[:180]
        files = {f"{stem}.txt": message.text.encode()}
        if message.html:
            files[f"{stem}.html"] = message.html.encode()
        files |= {Path(picture.name).name: picture.data for picture, _ in message.pictures}
        files |= {Path(file.name).name: file.data for file in message.files}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                half = folder / f".{name}.{os.getpid()}.half"
                half.write_bytes(data)
                half.replace(folder / name)
        except OSError as error:
            msg = f"{folder} cannot be written ({error}); make it writable for skvoz or name another folder."
            raise RefusedError(msg) from error
        steps.confirm(0)
