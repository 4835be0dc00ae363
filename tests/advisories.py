"""`make audit` where no advisory service is reached: requirements.lock against the advisories that the package safety-db ships.

The package's data ends in July 2021: it finds old faults only, and says so. `pip-audit` with OSV is the real audit.
"""

import importlib.metadata
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.specifiers import SpecifierSet

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


def found(lock: str, advisories: dict[str, list[dict[str, object]]]) -> Iterator[str]:
    """A sentence for every pinned package of a known fault.

    Args:
        lock: text of requirements.lock.
        advisories: by package name: specs that are insecure, and the advisory.
    """
    for name, version in _PINNED.findall(lock):
        for advisory in advisories.get(name.lower(), []):
            specs = advisory["specs"]
            if isinstance(specs, list) and any(SpecifierSet(spec).contains(version, prereleases=True) for spec in specs):
                yield f"{name} {version}: {advisory.get('cve') or advisory.get('id')}: {str(advisory['advisory'])[:200]}"


def main() -> None:
    package = importlib.metadata.distribution("safety-db")
    advisories = json.loads(Path(str(package.locate_file("safety_db/insecure_full.json"))).read_text(encoding="utf-8"))
    lock = Path("requirements.lock").read_text(encoding="utf-8")
    lines = list(found(lock, advisories))
    told = "\n".join(lines) or "none"
    print(f"advisories of safety-db {package.version} for {len(_PINNED.findall(lock))} packages:\n{told}")  # noqa: T201 - for a terminal
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
