"""A program that runs for weeks, without what it never uses: `python lean_part.py PROGRAM ARGUMENTS…` does what `PROGRAM ARGUMENTS…` does.

httpx, structlog and mako load the colours of a terminal (rich, pygments) wherever they are installed, 4 to 8 MiB of each part of
`skvoz serve`, whose lines no terminal reads. Nothing of the project is imported here.
"""

import sys
from importlib.metadata import entry_points
from pathlib import Path

_COLOURS = ("rich", "pygments")


def leave_out_colours() -> None:
    """Let nothing that is imported from now on find them; all three do without."""
    for name in _COLOURS:
        if name not in sys.modules:
            sys.modules[name] = None  # type: ignore[assignment]  # Python's own mark of a module that is not to be found


def main() -> int:
    """Run the program; its own exit code."""
    if Path(sys.path[0]) == Path(__file__).parent:
        del sys.path[0]
    del sys.argv[0]
    leave_out_colours()
    (program,) = entry_points(group="console_scripts", name=Path(sys.argv[0]).name)
    return int(program.load()() or 0)


if __name__ == "__main__":
    sys.exit(main())
