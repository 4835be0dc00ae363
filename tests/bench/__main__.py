"""`make bench`: speed and memory, printed with the machine and written into docs/benchmarks.md; nothing here asserts."""

import argparse
import importlib
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench.measure import take
from tests.bench.paper import write_section

BENCHES = (
    "load",
    "dlt_load",
    "extract",
    "refresh",
    "serve",
    "build",
    "analysis",
    "pandas_marts",
    "deliveries",
    "feeds",
    "formats",
    "memory",
    "bitrix24",
    "pages",
    "engines",
    "engine_marts",
    "growth",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(BENCHES), help=f"which: {', '.join(BENCHES)}")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    parser.add_argument("--write", type=Path, help="a Markdown file that takes the figures, like docs/benchmarks.md")
    arguments = parser.parse_args()
    machine = _machine()
    print(f"machine: {machine}")  # noqa: T201 - a bench is for a terminal
    for name in arguments.names:
        importlib.import_module(f"tests.bench.{name}").run(arguments.scale)
        lines = take()
        if arguments.write is not None:
            how = f"`python -m tests.bench {name} --scale {arguments.scale:g}` · {machine} · {datetime.now(UTC):%Y-%m-%d}"
            write_section(arguments.write, name, how, lines)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "dbt-core", "dagster", "streamlit"))
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, {versions}"


if __name__ == "__main__":
    main()
