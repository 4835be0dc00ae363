"""An analyst with a DuckDB shell open on a file, in a process of their own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SHELL = "import duckdb, sys; shell = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


@contextmanager
def held_open(path: Path) -> Iterator[None]:
    """The file is held for writing while the block runs."""
    with subprocess.Popen([sys.executable, "-c", _SHELL, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdout is not None
        assert shell.stdout.readline() == "open\n"
        try:
            yield
        finally:
            shell.communicate()
