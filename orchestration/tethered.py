"""Runs a program that ends when its parent does, however the parent ends: `python tethered.py PROGRAM ARGUMENTS…`.

dbt runs in a process of its own. A run that was killed (kill -9, out of memory) would leave it behind, holding the warehouse file for a
minute or two, and the next run would find the file locked. The kernel's parent-death signal stays through exec; where there is none
(macOS) the program runs as it is. Nothing of the project is imported here, so that this costs 20 ms.
"""

import ctypes
import os
import signal
import stat
import sys
from pathlib import Path

PARENT_VARIABLE = "SKVOZ_PARENT"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def write_launcher(path: Path, *program: Path) -> Path:
    """Write a shell script that starts `program` (with what it is to run) tethered to whoever starts the script; gives its path.

    (A script, because Dagster's dbt resource takes the path of an executable and starts it itself.)
    """
    words = " ".join(f'"{word}"' for word in program)
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).resolve()}" {words} "$@"\n', encoding="utf-8")
    path.chmod(stat.S_IRWXU)
    return path


def tether(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends; ends at once if that has happened already."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the line above
        sys.exit(1)


if __name__ == "__main__":
    tether(int(os.environ.get(PARENT_VARIABLE, os.getppid())))
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - no shell is wanted
