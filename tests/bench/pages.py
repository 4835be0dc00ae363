"""Pages over a large publication: server time of every page cold and warm, search, and 25 people at once for three minutes."""

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest
from websockets import Subprotocol
from websockets.asyncio.client import connect

from dashboards import data
from dashboards.navigation import ADDRESSES
from dashboards.state import configure, settings
from reports.access import Scope
from reports.published import Published
from tests.bench.measure import tell, timed
from tests.dashboards.full_fixture import MORE
from tests.reports.published_fixture import AGGREGATES, AS_OF, build_published

FACTS = Path(__file__).parent / "pages_marts.sql"
CONFIG = '[company]\nname = "ООО Большая"\n\n[warehouse]\npath = "data"\n\n[dashboard]\nauth = "none"\n'
SERVE = "import sys; from pathlib import Path; from dashboards.serve import serve_dashboard;"
SERVE += " serve_dashboard(Path(sys.argv[1]), '127.0.0.1', int(sys.argv[2]))"
PORT = 8799
SALES, DEALS, CUSTOMERS = 5_000_000, 500_000, 500_000
SESSIONS, PAUSE, SECONDS = 25, 5.0, 180.0
# What a reader asks for next: other filters, other periods, cards.
ASKED = {
    "overview": ("", "period=month", "period=2026-02"),
    "customers": ("", "q=ромашка 1234", "customer=books:c4711", "list=falling"),
    "funnel": ("", "manager=books:m7", "stage=sales:1:11", "deal=sales:4711"),
    "orders": ("", "manager=books:m7", "channel=site", "period=year"),
    "managers": ("", "manager=books:m7", "period=last_month"),
    "marketing": ("", "model=linear", "period=year"),
    "abc_xyz": ("", "segment=AZ", "subject=product", "borders=70-90-15-30"),
    "receivables": ("", "bucket=90%2B", "manager=books:m7"),
    "calls": ("", "period=year", "manager=books:m7"),
    "reconciliation": ("", "severity=high"),
    "data": ("",),
}


def run(scale: float) -> None:
    """Builds the publication, measures, and prints."""
    random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "skvoz.toml").write_text(CONFIG, encoding="utf-8")
        with timed() as clock:
            path = build_large(home / "data" / "published", scale)
        tell("pages: publication made", f"{path.stat().st_size / 2**20:,.0f} MiB in {clock.seconds:.0f} s")
        _scripts(home)
        _search(path, round(CUSTOMERS * scale))
        _sessions(home, SECONDS * min(1.0, scale * 4))


def build_large(folder: Path, scale: float) -> Path:
    """A publication with {5 M sale lines, 500,000 deals, 500,000 customers} x scale; returns the file."""
    path = build_published(folder, deliveries=("main", "analysis", "beyond"), empty=True)
    sizes = {"sales": SALES, "deals": DEALS, "customers": CUSTOMERS}
    facts = FACTS.read_text(encoding="utf-8")
    for name, size in sizes.items():
        facts = facts.replace(f"{{{name}}}", str(max(1000, round(size * scale))))
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(facts)
        for statement in AGGREGATES.read_text(encoding="utf-8").split(";")[:-1]:
            connection.execute(statement, {"as_of": AS_OF} if "$as_of" in statement else {})
        connection.execute(MORE.read_text(encoding="utf-8"))
    return path


# (by the clock, of all cores): the second does not depend on what else the machine does.
Times = tuple[float, float]
# Seconds of the scripts that were run; AppTest's own start and end are not the server's.
_took: list[Times] = []


def _draw(name: str) -> None:
    import importlib
    import time

    from tests.bench.measure import timed
    from tests.bench.pages import _took

    before = time.process_time()
    with timed() as clock:
        importlib.import_module(f"dashboards.app_pages.{name}").show()
    _took.append((clock.seconds, time.process_time() - before))


def _opened(name: str, query: str) -> Times:
    page = AppTest.from_function(_draw, default_timeout=120, args=(name,))
    for part in query.split("&") if query else ():
        key, _, value = part.partition("=")
        page.query_params[key] = value.replace("%2B", "+")
    page.run()
    assert not page.exception, (name, query, page.exception)
    return _took.pop()


def _scripts(home: Path) -> None:
    configure(home / "skvoz.toml")
    first = {name: _opened(name, "") for name in ADDRESSES}
    again = [_opened(name, "") for name in ADDRESSES for _ in range(3)]
    other = {(name, query): _opened(name, query) for name, queries in ASKED.items() for query in queries if query}
    data.current(settings()).close()
    slowest = max(first, key=lambda name: first[name])
    tell("pages: first open after a publication, p95 (goal 2.5 s)", f"{_both(first.values())}, slowest {slowest}")
    tell("pages: opened again, p95 (goal 0.7 s)", _both(again))
    name, query = max(other, key=lambda key: other[key])
    tell("pages: another filter or card, p95", f"{_both(other.values())}, slowest {name}?{query} {other[name, query][0]:.2f} s")


def _both(times: Iterable[Times]) -> str:
    clock, cores = zip(*times, strict=True)
    return f"{_p95(clock):.2f} s by the clock, {_p95(cores):.2f} s of the processor"


def _search(path: Path, customers: int) -> None:
    for scope in (Scope(), Scope("manager", "books:m7"), Scope(contacts=False)):
        with Published(path) as published:
            published.query("data/freshness", {}, scope)
            took: list[Times] = []
            for _ in range(60):
                number = random.randint(1, max(1, customers - 1))
                first, second = random.choice(
                    (("вектор", str(number)), (str(7700000000 + number)[3:], ""), (f"916{number:07d}"[:8], ""), ("север", ""))
                )
                before = time.process_time()
                with timed() as clock:
                    published.query("customers/search", {"first": first, "second": second, "third": "", "limit": 200}, scope)
                took.append((clock.seconds, time.process_time() - before))
        who = "all" if scope == Scope() else "a manager" if scope.contacts else "phones masked"
        tell(f"pages: customer search, {who}, p95 (goal 0.3 s)", _both(took))


def _sessions(home: Path, seconds: float) -> None:
    log = (home / "serve.log").open("w")
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(home / "skvoz.toml"), str(PORT)], stdout=log, stderr=log)
    try:
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{PORT}/health", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        took, errors = asyncio.run(_crowd(seconds))
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        peak = next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    finally:
        process.terminate()
        process.wait(30)
        log.close()
    tell(
        f"pages: {SESSIONS} sessions for {seconds:.0f} s, answer p95 (goal 2 s)",
        f"{_p95(took):.2f} s of {len(took)} answers, {errors} errors",
    )
    tell("pages: memory of the server at its peak (goal 1,536 MiB)", f"{peak:,.0f} MiB")


async def _crowd(seconds: float) -> tuple[list[float], int]:
    until = time.monotonic() + seconds
    found = await asyncio.gather(*(_reader(number, until) for number in range(SESSIONS)))
    return [second for took, _ in found for second in took], sum(errors for _, errors in found)


async def _reader(number: int, until: float) -> tuple[list[float], int]:
    """One person: opens a page, reads five seconds, opens the next."""
    draw = random.Random(number)
    took: list[float] = []
    errors = 0
    await asyncio.sleep(draw.random() * PAUSE)
    async with connect(f"ws://127.0.0.1:{PORT}/_stcore/stream", subprotocols=[Subprotocol("streamlit")], max_size=None) as socket:
        while time.monotonic() < until:
            name = draw.choice(ADDRESSES)
            started = time.perf_counter()
            errors += await _rerun(socket, name, draw.choice(ASKED[name]))
            took.append(time.perf_counter() - started)
            await asyncio.sleep(PAUSE)
    return took, errors


async def _rerun(socket: Any, name: str, query: str) -> int:
    """Asks for a page as the browser does and waits until its script has ended; 1 if the page broke."""
    asked = BackMsg()
    asked.rerun_script.page_name = name
    asked.rerun_script.query_string = query
    await socket.send(asked.SerializeToString())
    broke = 0
    while True:
        answer = ForwardMsg()
        answer.ParseFromString(await asyncio.wait_for(socket.recv(), 120))
        kind = answer.WhichOneof("type")
        if kind == "delta" and answer.delta.new_element.WhichOneof("type") in ("exception", "alert"):
            broke = 1
        if kind == "script_finished" and answer.script_finished in (
            ForwardMsg.FINISHED_SUCCESSFULLY,
            ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
        ):
            return broke


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]
