"""A warehouse of hand-made upstream tables on which chosen models of the dbt project are run, in a process of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
# a parse of the whole project takes 8 s alone and several times that beside other test processes
_SECONDS = 300


@dataclass
class Workbench:
    """One DuckDB file and the dbt project over it.

    Attributes:
        folder: where the file and dbt's artefacts are.
        variables: dbt vars of every run.
        environment: what every run has in its environment beside the warehouse.
    """

    folder: Path
    variables: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The warehouse file."""
        return self.folder / "warehouse.duckdb"

    def table(self, name: str, columns: str, rows: Iterable[Sequence[object]] = ()) -> None:
        """Make an upstream table: `name` with its schema, `columns` as in SQL, rows in the same order."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"create schema if not exists {name.split('.')[0]}")
            connection.execute(f"create or replace table {name} ({columns})")
            values = [list(row) for row in rows]
            if values:
                connection.executemany(f"insert into {name} values ({', '.join('?' * len(values[0]))})", values)

    def run(self, *models: str, command: str = "run") -> None:
        """Run the models (`command`: run, or seed for seeds); fails the test with dbt's own words."""
        words = [
            str(Path(sys.executable).with_name("dbt")), "--quiet", "--no-use-colors", command, "--select", *models,
            "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--vars", json.dumps(self.variables),
            "--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs"),
        ]  # fmt: skip
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SKVOZ_", "DBT_"))},
            "SKVOZ_WAREHOUSE": str(self.path),
            "SKVOZ_TEMP": str(self.folder / "tmp"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            **self.environment,
        }
        done = subprocess.run(words, env=environment, cwd=self.folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query over what was built."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query).fetchall()
