"""`make bench`: speed and memory, printed with the machine; nothing here asserts."""

import argparse
import importlib
import os
import platform
from importlib.metadata import version

BENCHES = ("load", "extract", "refresh", "build", "analysis", "deliveries", "feeds", "formats", "pages")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(BENCHES), help=f"which: {', '.join(BENCHES)}")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    arguments = parser.parse_args()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(  # noqa: T201 - a bench is for a terminal
        f"machine: {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, DuckDB {version('duckdb')},"
        f" dbt-core {version('dbt-core')}"
    )
    for name in arguments.names:
        importlib.import_module(f"tests.bench.{name}").run(arguments.scale)


if __name__ == "__main__":
    main()
