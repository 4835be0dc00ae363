"""Peak memory of every reader of XML on a file of 1 GB, each in a process of its own: 300 MiB are allowed."""

import re
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.exchange_objects import write_exchange
from tests.bench.formats import READERS, WRITERS
from tests.bench.measure import peak_mib, tell

BYTES = 1024**3
ALLOWED_MIB = 300
XML = ("commerceml", "enterprise_data", "v8exch")
_ALONE = "import sys; from tests.bench.memory import measured; measured(sys.argv[1], sys.argv[2])"
_NUMBER = re.compile(r'(Нпп="|<Нпп>)(\d+)')


def _moved(shift: int, found: re.Match[str]) -> str:
    return f"{found[1]}{int(found[2]) + shift}"


def run(scale: float) -> None:
    """Every format on a file of `scale` times 1 GB."""
    company = build_company(scale=0.2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, write in {**{kind: WRITERS[kind] for kind in XML}, "kd2": _numbered_kd2}.items():
            path = write(company, folder / kind, int(BYTES * scale))
            done = subprocess.run([sys.executable, "-c", _ALONE, kind, str(path)], check=True, capture_output=True, text=True)
            count, peak = done.stdout.split()
            size = path.stat().st_size / 1024**2
            held = "within" if float(peak) <= ALLOWED_MIB else "OVER"
            tell(f"{kind}, {size:,.0f} MB, {int(count):,} records", f"peak {float(peak):,.0f} MiB, {held} {ALLOWED_MIB}")
            path.unlink()


def measured(kind: str, file: str) -> None:
    """Read one file to its end in this process; tells its parent the number of records and the peak in MiB."""
    count = READERS[kind](Path(file))
    sys.stdout.write(f"{count} {peak_mib()}\n")


def _numbered_kd2(company: Company, path: Path, size: int) -> Path:
    """A КД 2 file whose every object has a number of its own, as in life: what a reader must remember grows with the file."""
    small = write_exchange(company, "ut", path.with_name("small.xml")).read_text(encoding="utf-8-sig")
    start, end = small.index("<Объект"), small.rindex("</ФайлОбмена>")
    body = small[start:end]
    step = max(int(found[2]) for found in _NUMBER.finditer(body)) + 1
    target = path.with_suffix(".xml")
    with target.open("w", encoding="utf-8") as file:
        file.write(small[:start])
        for copy in range(max(1, size // len(body.encode()))):
            shift = copy * step
            file.write(_NUMBER.sub(partial(_moved, shift), body))
        file.write(small[end:])
    return target
