"""Exchange files: records per second and peak memory of each reader on a generated file of 500 MB, beside a bare parser.

CommerceML and EnterpriseData are held against lxml's own iterparse that sees every element and clears it; statements against polars that
reads the lines and parts keys from values. Each measurement runs in a process of its own.
"""

import itertools
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

from ingestion.formats.files import FoundFile, opened_parts
from ingestion.formats.onec_shape import Shaper
from ingestion.formats.spool import Found
from ingestion.formats.walk import Format
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.exchange_commerceml import write_orders
from ingestion.sandbox.exchange_messages import whole_books, write_message
from ingestion.sandbox.exchange_objects import write_dump, write_exchange
from ingestion.sandbox.exchange_statements import write_statements
from ingestion.sources.onec_client_bank.statements import Statements
from ingestion.sources.onec_commerceml.reader import CommerceML
from ingestion.sources.onec_enterprise_data.reader import EnterpriseData
from ingestion.sources.onec_kd2.reader import ExchangeFile2
from ingestion.sources.onec_v8exch.reader import V8Exch
from tests.bench.measure import peak_mib, tell, timed

BYTES = 500 * 1024**2
NOW = datetime(2026, 3, 31, tzinfo=UTC)
_ALONE = "import sys; from tests.bench.formats import measured; measured(sys.argv[1], sys.argv[2])"


def run(scale: float) -> None:
    """Every format on a file of `scale` times 500 MB."""
    company = build_company(scale=0.2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, write in WRITERS.items():
            path = write(company, folder / kind, int(BYTES * scale))
            size = path.stat().st_size / 1024**2
            seconds = _told(kind, path, size)
            if kind in BARE:
                bare, wanted = BARE[kind]
                # of the processor: what else runs on the machine has no part in it
                share = _told(bare, path, size) / seconds
                tell(f"{kind}: share of {bare}'s speed, by the processor ({wanted} wanted)", f"{share:.2f}")
            path.unlink()


def _told(way: str, path: Path, size: float) -> float:
    """Read the file in a process of its own and tell of it; the processor's seconds."""
    done = subprocess.run([sys.executable, "-c", _ALONE, way, str(path)], check=True, stdout=subprocess.PIPE, text=True)
    count, clock, pure, peak = (float(word) for word in done.stdout.split())
    what = "elements" if way == "lxml iterparse" else "records"
    speed = f"{count / clock:>10,.0f} {what}/s {size / clock:>6.1f} MB/s ({size / pure:.1f} MB a CPU second)"
    tell(f"{way}, {size:,.0f} MB", f"{speed}, peak {peak:,.0f} MiB")
    return pure


def measured(way: str, file: str) -> None:
    """Read one file to its end in this process; tells its parent the count, seconds by the clock and of the processor, the peak in MiB."""
    started = process_time()
    with timed() as clock:
        count = READERS[way](Path(file))
    sys.stdout.write(f"{count} {clock.seconds} {process_time() - started} {peak_mib()}\n")


def _grown(path: Path, head: str, body: str, tail: str, size: int, encoding: str) -> Path:
    """A file of that size: head, the body again and again, tail."""
    path.parent.mkdir(parents=True, exist_ok=True)
    piece = body.encode(encoding)
    with path.open("wb") as file:
        file.write(head.encode(encoding))
        for _ in range(max(1, size // len(piece))):
            file.write(piece)
        file.write(tail.encode(encoding))
    return path


def _write_commerceml(company: Company, path: Path, size: int) -> Path:
    small = write_orders(company, path.with_name("small")).files[-1].read_text(encoding="utf-8-sig")
    start, end = small.index("<Контейнер>"), small.rindex("</КоммерческаяИнформация>")
    return _grown(path.with_suffix(".xml"), small[:start], small[start:end], small[end:], size, "utf-8")


def _write_enterprise_data(company: Company, path: Path, size: int) -> Path:
    bodies = list(whole_books(company))
    times = max(1, size // sum(len(body.encode()) + 1 for body in bodies))
    repeated = itertools.chain.from_iterable(itertools.repeat(bodies, times))
    return write_message(path.with_suffix(".xml"), 1, repeated, NOW)


def _write_dump(company: Company, path: Path, size: int) -> Path:
    small = write_dump(company, "ut", path.with_name("small.xml")).read_text(encoding="utf-8-sig")
    start, end = small.index("<v8:"), small.rindex("</V8Exch:Data>")
    return _grown(path.with_suffix(".xml"), small[:start], small[start:end], small[end:], size, "utf-8")


def _write_kd2(company: Company, path: Path, size: int) -> Path:
    small = write_exchange(company, "ut", path.with_name("small.xml")).read_text(encoding="utf-8-sig")
    start, end = small.index("<Объект"), small.rindex("</ФайлОбмена>")
    return _grown(path.with_suffix(".xml"), small[:start], small[start:end], small[end:], size, "utf-8")


def _write_statements(company: Company, path: Path, size: int) -> Path:
    small = write_statements(company, path.with_name("small")).files[0].read_text(encoding="cp1251")
    start, end = small.index("СекцияДокумент="), small.rindex("КонецФайла")
    return _grown(path.with_suffix(".txt"), small[:start], small[start:end], small[end:], size, "cp1251")


def _records(files: Format) -> Callable[[Path], int]:
    def read(path: Path) -> int:
        with opened_parts(FoundFile(path, path.name, [0, 0]), files.suffixes) as parts:
            return sum(isinstance(found, Found) for part in parts for found in files.read(part))

    return read


def _iterparse(path: Path) -> int:
    from lxml import etree

    count = 0
    for _, element in etree.iterparse(str(path), resolve_entities=False, no_network=True):
        count += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return count


def _polars(path: Path) -> int:
    import polars as pl

    lines = pl.read_csv(path, separator="\x01", has_header=False, encoding="cp1251", quote_char=None, new_columns=["line"])
    parted = lines.with_columns(pl.col("line").str.splitn("=", 2).alias("pair")).unnest("pair")
    return int((parted["line"].str.starts_with("СекцияДокумент")).sum())


def _shaper() -> Shaper:
    return Shaper("ut", {}, None)


def _v8exch() -> V8Exch:
    shaper = _shaper()
    return V8Exch(shaper, shaper.entities)


WRITERS = {
    "commerceml": _write_commerceml,
    "enterprise_data": _write_enterprise_data,
    "v8exch": _write_dump,
    "kd2": _write_kd2,
    "client_bank": _write_statements,
}
READERS: dict[str, Callable[[Path], int]] = {
    "commerceml": _records(CommerceML()),
    "enterprise_data": _records(EnterpriseData(invoices=False)),
    "v8exch": _records(_v8exch()),
    "kd2": _records(ExchangeFile2(_shaper())),
    "client_bank": _records(Statements()),
    "lxml iterparse": _iterparse,
    "polars": _polars,
}
BARE = {"commerceml": ("lxml iterparse", 0.5), "enterprise_data": ("lxml iterparse", 0.5), "client_bank": ("polars", 0.25)}
