"""A sequence of publications: each a copy of the one before with statements run over it, and CURRENT moved to it."""

import shutil
from pathlib import Path

import duckdb


class Publications:
    """The published/ folder of one company."""

    def __init__(self, folder: Path, first: Path) -> None:
        self.folder = folder
        self.number = 0
        folder.mkdir(parents=True)
        self.latest = first
        self.publish()

    def publish(self, *statements: str, at: str = "", as_of: str = "") -> str:
        """Publishes anew; `at` and `as_of` move the publication's moment and business day."""
        self.number += 1
        path = self.folder / f"marts-20260401T{self.number:06}Z.duckdb"
        shutil.copy(self.latest, path)
        moved = [f"update marts.publication set published_at = timestamptz '{at}'"] if at else []
        moved += [f"update marts.publication set as_of_date = date '{as_of}'"] if as_of else []
        with duckdb.connect(str(path)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            for statement in (*moved, *statements):
                connection.execute(statement)
        pointer = self.folder / "CURRENT"
        pointer.unlink(missing_ok=True)
        pointer.symlink_to(path.name)
        self.latest = path
        return path.stem
