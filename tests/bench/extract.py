"""Extraction of amoCRM leads over HTTP from a local server without limits, one process."""

import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from ingestion.discovery import all_sources
from ingestion.extract import Order, calm_collector, extract_stream
from ingestion.spec import Context
from tests.bench.measure import peak_mib, tell, timed

RECORDS = 300_000
PORT = 18_765
SERVER = "import sys; from ingestion.sandbox.bulk import run; run(int(sys.argv[1]), int(sys.argv[2]))"


def run(scale: float) -> None:
    """The first load of so many leads of 2 KB in pages of 250."""
    count = int(RECORDS * scale)
    source = all_sources()["amocrm"]
    stream = next(stream for stream in source.streams if stream.name == "leads")
    url = f"http://127.0.0.1:{PORT}"
    with subprocess.Popen([sys.executable, "-c", SERVER, str(count), str(PORT)]) as server:
        try:
            _wait_for(url)
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                utc = ZoneInfo("UTC")
                context = Context("bulk", utc, folder / "state", folder, "RU", lambda _text: None)
                options = source.options.model_validate({"url": url, "token": "sandbox-long-lived-token", "requests_per_second": 100_000})
                connector = source.connect(options, context)
                order = Order(mode="refresh", now=datetime.now(UTC))
                calm_collector()
                with timed() as clock:
                    result = extract_stream(folder / "raw", "bulk", stream, connector, order, date(2023, 1, 1))
                connector.close()
        finally:
            server.kill()
    tell(f"extraction of {result.written:,} amoCRM leads over HTTP into the raw zone", f"{result.received / clock.seconds:,.0f} records/s")
    tell("peak memory of this process", f"{peak_mib():,.0f} MiB")


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
