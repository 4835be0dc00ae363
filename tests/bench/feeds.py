"""Call records and tables from files, against DuckDB's and polars' own readers over the same file in the same run."""

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from ingestion.discovery import all_sources
from ingestion.extract import calm_collector
from ingestion.feeds.paths import FoundFile
from ingestion.sandbox.company import build_company
from ingestion.sandbox.feeds.ads import metrika_visits
from ingestion.sandbox.feeds.call_files import master_csv
from ingestion.sandbox.feeds.exchange import exchange_calls
from ingestion.sources.metrika_expenses.source import read_visits
from ingestion.spec import Context, Extraction
from tests.bench.measure import peak_mib, tell, timed

MIB = 500


class _Nothing:
    """An empty raw zone."""

    def versions(self) -> dict[str, str | None]:
        return {}

    def version(self, key: str) -> str | None:
        return {key: None}[key]

    def __len__(self) -> int:
        return 0


def run(scale: float) -> None:
    """Write Master.csv of 500 MiB, read it with the connector, then with the readers of DuckDB and polars."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "Master.csv"
        lines = _write(file, int(MIB * scale))
        size = file.stat().st_size / 2**20
        source = all_sources()["asterisk"]
        context = Context("pbx", ZoneInfo("Europe/Moscow"), folder, folder, "RU", _say)
        connector = source.connect(source.options.model_validate({"path": str(file)}), context)
        request = Extraction(source.streams[0], "refresh", None, date(2020, 1, 1), datetime.now(UTC), _Nothing())
        calm_collector()
        before = peak_mib()
        with timed() as ours:
            records = sum(len(page.records) for page in connector.extract(request))
        tell(f"Master.csv of {size:.0f} MiB by the connector: {records:,} records", f"{records / ours.seconds:,.0f} records/s")
        tell("peak memory while reading (MiB above before)", f"{peak_mib() - before:,.0f}")
        with duckdb.connect() as bare, timed() as theirs:
            bare.execute("set threads = 1")
            bare.execute("set enable_progress_bar = false")
            bare.execute(f"create table cdr as select * from read_csv('{file}', header=false, all_varchar=true)")
        tell(
            "the same by DuckDB's read_csv, one thread",
            f"{lines / theirs.seconds:,.0f} records/s, ours {theirs.seconds / ours.seconds:.2f} of it",
        )
        with timed() as frames:
            frame = pl.read_csv(file, has_header=False, infer_schema=False)
        tell("the same by polars' read_csv", f"{lines / frames.seconds:,.0f} records/s, ours {frames.seconds / ours.seconds:.2f} of it")
        with timed() as rows:
            count = sum(1 for _ in frame.iter_rows(named=True))
        del frame
        total = frames.seconds + rows.seconds
        tell("polars' read_csv and a dictionary for each row", f"{count / total:,.0f} records/s, ours {total / ours.seconds:.2f} of it")
        file.unlink()
        _visits(folder, max(1, int(MIB * scale / 5)))


def _visits(folder: Path, mib: int) -> None:
    """A csv of Metrica's visits, read whole as documents are."""
    file = folder / "visits.tsv"
    head, *lines = metrika_visits(build_company(scale=0.2, history_days=120), 1_000).decode().splitlines(keepends=True)
    with file.open("w", encoding="utf-8") as out:
        out.write(head)
        number = 0
        while out.tell() < mib * 2**20:
            out.writelines(f"{number + place}{line}" for place, line in enumerate(lines))
            number += len(lines)
    with timed() as ours:
        found = sum(1 for _ in read_visits(file.read_bytes(), FoundFile(file, file.name, file.stat().st_size, 0)))
    with duckdb.connect() as bare, timed() as theirs:
        bare.execute("set threads = 1")
        bare.execute("set enable_progress_bar = false")
        bare.execute(f"create table visits as select * from read_csv('{file}', header=true, delim='\t', all_varchar=true)")
    tell(f"visits.tsv of {mib} MiB: {found:,} records", f"{found / ours.seconds:,.0f} records/s")
    tell(
        "the same by DuckDB's read_csv, one thread",
        f"{found / theirs.seconds:,.0f} records/s, ours {theirs.seconds / ours.seconds:.2f} of it",
    )


def _say(text: str) -> None:
    tell("note", text)


def _write(file: Path, mib: int) -> int:
    """Repeats a company's calls with other ids until the file is large enough; the number of lines."""
    text = master_csv(exchange_calls(build_company(scale=0.2, history_days=200)))
    lines, number = text.count("\n"), 0
    with file.open("w", encoding="utf-8") as out:
        while out.tell() < mib * 2**20:
            out.write(text.replace('"DOCUMENTATION","', f'"DOCUMENTATION","{number}'))
            number += 1
    return lines * number
