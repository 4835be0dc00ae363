"""Whether the process that took a delivery is still alive: it holds a lock on a file, and the kernel lets go when it dies."""

import fcntl
import os
import uuid
from pathlib import Path


class Lease:
    """The life of one sender; other senders ask `is_alive` before they take over what it left."""

    def __init__(self, folder: Path) -> None:
        """Takes a fresh name and locks its file in `folder`."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.name = uuid.uuid4().hex
        self._path = folder / f"{self.name}.lock"
        self._descriptor: int | None = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def is_alive(self, name: str) -> bool:
        """Whether the sender of that name still runs; the file of a dead one is removed."""
        if name == self.name:
            return self._descriptor is not None
        path = self.folder / f"{Path(name).name}.lock"
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            path.unlink(missing_ok=True)
            return False
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Ends the life in good order; may be called twice."""
        if self._descriptor is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None
