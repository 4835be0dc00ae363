"""What is done to the company, and what must be true afterwards: the same raw tables and marts, and one plain sentence about it."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import zstandard

from ingestion.sandbox.faults import FaultPlan
from orchestration.publish import current_file
from tests.analyst import held_open
from tests.chaos.readers import publish_and_read
from tests.chaos.stage import (
    AS_OF,
    PROGRAM,
    Digest,
    Ended,
    Stage,
    marts_digest,
    published_digest,
    raw_digest,
    run,
    run_program,
    spoil_every,
)
from tests.chaos.wires import deliver_through_an_outage

_TOO_SMALL, _LARGE_ENOUGH = "size=3m", "size=1g"
# MiB: what the smallest company has when its reading ends, and when its marts are published
_FILLED_BY_RUN = (4, 90)
_PUBLISHER = """
import sys
from pathlib import Path
from ingestion.settings import load_settings
from orchestration.publish import new_run_id, publish
publish(load_settings(Path(sys.argv[1])), new_run_id())
"""
_PUBLISH_ROWS = 300_000
_OF_TODAY = frozenset({"skvoz__calendar"})  # reaches so many years from today, whenever that is
_HASTY = f"import ingestion.http as http; http.HttpClient.__init__.__kwdefaults__['longest'] = 1.0; {PROGRAM}"
_SHIFTED = (
    """
import datetime, sys, time
real, shift, now = datetime.datetime, datetime.timedelta(days=float(sys.argv.pop(1))), time.time
class Kind(type):
    def __instancecheck__(cls, thing):
        return isinstance(thing, real)
class Shifted(real, metaclass=Kind):
    def __new__(cls, *parts, **named):
        return real(*parts, **named)
    @classmethod
    def now(cls, tz=None):
        return real.now(tz) + shift
datetime.datetime = Shifted
time.time = lambda: now() + shift.total_seconds()
"""
    + PROGRAM
)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a trial.

    Attributes:
        survived: the state afterwards equals an undisturbed one, and nobody saw a stack of calls.
        said: what a person was told, or what was wrong.
    """

    survived: bool
    said: str


Trial = Callable[[Stage], Result]


def kill_reading(stage: Stage) -> Result:
    """A first reading of all systems, killed."""
    folder = stage.fresh()
    return _kill_and_heal(stage, folder, ["sync"], stage.sync_seconds)


def kill_replay(stage: Stage) -> Result:
    """Rebuilding the raw tables from the raw zone, killed."""
    folder = stage.copied()
    return _kill_and_heal(stage, folder, ["sync", "--replay"], stage.sync_seconds / 2)


def kill_publication(stage: Stage) -> Result:
    """A publication, killed: readers see the old version or the new one, whole."""
    folder = stage.fresh()
    _make_marts(folder)
    command = [sys.executable, "-c", _PUBLISHER, str(folder / "skvoz.toml")]
    whole = run_program(command, folder)
    before = published_digest(folder)
    killed = run_program(command, folder, kill_after=stage.instant(whole.seconds))
    between = published_digest(folder)
    after = run_program(command, folder)
    left = [path.name for path in (folder / "data" / "published").glob(".*")]
    ok = after.code == 0 and before == between == published_digest(folder) and not left and bool(before)
    return Result(ok, "killed" if killed.killed else "it was through before")


def kill_backup(stage: Stage) -> Result:
    """A backup, killed: no half one is taken for a backup, and the next one is whole."""
    folder = stage.copied()
    whole = run(folder, "backup", str(folder / "first"))
    killed = run(folder, "backup", str(folder / "second"), kill_after=stage.instant(whole.seconds))
    again = run(folder, "backup", str(folder / "second"))
    shutil.rmtree(folder / "data")
    restored = run(folder, "restore", str(folder / "second"))
    ok = whole.code == again.code == restored.code == 0 and raw_digest(folder) == stage.raw
    return Result(ok, "killed" if killed.killed else "it was through before")


def kill_forgetting(stage: Stage) -> Result:
    """Forgetting a person, killed: doing it again finishes it; nothing tells of them, and no record is missing."""
    phone = _a_phone(stage.reference)
    arguments = ("forget", "--phone", phone, "--yes")
    whole = run(stage.copied(), *arguments)
    folder = stage.copied()
    killed = run(folder, *arguments, kill_after=stage.instant(whole.seconds))
    again = run(folder, *arguments)
    rows = {table: count for table, (count, _) in raw_digest(folder).items()}
    all_there = rows == {table: count for table, (count, _) in stage.raw.items()}
    told = _telling(folder, phone[-10:])
    ok = again.code == 0 and again.is_plain and all_there and not told
    if not ok:
        return Result(survived=False, said=f"still told by {told}" if told else f"rows are missing, or: {again.said[-300:]}")
    return Result(survived=True, said="killed" if killed.killed else "it was through before")


def spoiled_answers(stage: Stage) -> Result:
    """Every seventh answer is 429, 500, 502, cut off, empty, slow, or a web page."""
    folder = stage.fresh()
    with stage.spoiled(spoil_every(7)):
        ended = run(folder, "sync")
    if ended.code == 0:
        return _judged(stage, folder, ended)
    healed = run(folder, "sync")
    return _judged(stage, folder, healed, ended.last_line)


def dripping_answers(stage: Stage) -> Result:
    """Every fifth answer comes letter by letter and never ends (a slow loris): it is given up in time and asked for again."""
    folder = stage.fresh()
    command = [sys.executable, "-c", _HASTY, "sync", "--config", str(folder / "skvoz.toml")]
    with stage.spoiled(FaultPlan(every=5, kinds=("drip",), slow_seconds=60.0)):
        ended = run_program(command, folder)
    return _judged(stage, folder, run(folder, "sync") if ended.code else ended, f"read through in {ended.seconds:.0f} s")


def jumping_clock(stage: Stage) -> Result:
    """The machine's clock is a year behind, then a year ahead, then right: the same records, none of them lost or doubled."""
    folder = stage.fresh()
    for days in ("-365", "365"):
        command = [sys.executable, "-c", _SHIFTED, days, "sync", "--config", str(folder / "skvoz.toml")]
        ended = run_program(command, folder)
        if not ended.is_plain:
            return Result(survived=False, said=f"with the clock {days} days off: {ended.said[-300:]}")
    return _judged(stage, folder, run(folder, "sync", "--sweep"), "a year behind, a year ahead, right again", apart=_OF_TODAY)


def wires_down(stage: Stage) -> Result:
    """Mail and Telegram are out of reach for nine hours."""
    wrong = deliver_through_an_outage(stage.fresh() / "wires", 9.0)
    return Result(not wrong, wrong or "everything came once when they were back; the administrator was told")


def dead_systems(stage: Stage) -> Result:
    """Nobody answers any more after the first reading: what there is stays, and the run says which are down."""
    folder = stage.copied()
    config = folder / "skvoz.toml"
    text = config.read_text(encoding="utf-8")
    for url in stage.systems.urls.values():
        text = text.replace(url, "http://127.0.0.1:9")
    config.write_text(text, encoding="utf-8")
    ended = run(folder, "sync", "sales")
    return Result(ended.code == 1 and ended.is_plain and raw_digest(folder) == stage.raw, _short(ended, "FAILED"))


def damaged_raw_file(stage: Stage) -> Result:
    """A byte of a raw file flips: it is refused by name, and right again when the file is put back."""
    folder = stage.copied()
    chunk = stage.chance.choice(sorted((folder / "data" / "raw").rglob("*.ndjson.zst")))
    good = chunk.read_bytes()
    place = stage.chance.randrange(len(good))
    chunk.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
    ended = run(folder, "sync", "--replay")
    named = ended.code == 1 and ended.is_plain and chunk.name in ended.said
    chunk.write_bytes(good)
    healed = run(folder, "sync", "--replay")
    return _judged(stage, folder, healed, ended.last_line if named else f"not named: {ended.said[-300:]}", also=named)


def half_a_manifest(stage: Stage) -> Result:
    """The last line of a manifest is half written: its records are asked for again."""
    folder = stage.copied()
    manifest = stage.chance.choice(sorted((folder / "data" / "raw").rglob("manifest.ndjson")))
    whole = manifest.read_bytes()
    manifest.write_bytes(whole + b'{"number": 9, "file": "0000')
    return _judged(stage, folder, run(folder, "sync"))


def lost_index(stage: Stage) -> Result:
    """The raw zone's derived indexes are gone or rubbish: they are made again, and nothing is written twice."""
    folder = stage.copied()
    raw = folder / "data" / "raw"
    before = sorted(path.name for path in raw.rglob("*.ndjson.zst"))
    for number, index in enumerate(sorted(raw.rglob("index.sqlite"))):
        if number % 2:
            index.unlink()
        else:
            index.write_bytes(b"no database at all" * 100)
    ended = run(folder, "sync", "--sweep")
    after = sorted(path.name for path in raw.rglob("*.ndjson.zst"))
    return _judged(stage, folder, ended, also=before == after)


def analysts_shell(stage: Stage) -> Result:
    """An analyst has the warehouse open: the run says so, and nothing is lost."""
    folder = stage.copied()
    with held_open(folder / "data" / "warehouse.duckdb"):
        ended = run(folder, "sync", "--replay")
    named = ended.code == 1 and ended.is_plain and "close it" in ended.said
    return _judged(stage, folder, run(folder, "sync"), ended.last_line, also=named)


def full_disk(stage: Stage) -> Result:
    """The disk is full in the middle of a reading: a sentence, and after making room everything is there."""
    folder = stage.fresh()
    with small_disk(folder / "data", _TOO_SMALL) as mounted:
        if not mounted:
            return Result(survived=True, said="not tried: no file system can be mounted here")
        ended = run(folder, "sync")
        named = ended.code == 1 and ended.is_plain and ("No space left" in ended.said or "make room" in ended.said)
        _remount(folder / "data", _LARGE_ENOUGH)
        return _judged(stage, folder, run(folder, "sync"), _short(ended, "space"), also=named)


def read_only_folder(stage: Stage) -> Result:
    """The data folder cannot be written: a sentence."""
    folder = stage.fresh()
    with small_disk(folder / "data", _LARGE_ENOUGH) as mounted:
        if not mounted:
            return Result(survived=True, said="not tried: no file system can be mounted here")
        run(folder, "sync", "tiers")
        _remount(folder / "data", "ro")
        ended = run(folder, "sync")
        named = ended.code == 1 and ended.is_plain and "Read-only" in ended.said
        _remount(folder / "data", "rw")
        return _judged(stage, folder, run(folder, "sync"), _short(ended, "Read-only"), also=named)


def damaged_publication(stage: Stage) -> Result:
    """The published file is damaged: readers are told, and the version before it is one command away."""
    folder = stage.fresh()
    _make_marts(folder)
    command = [sys.executable, "-c", _PUBLISHER, str(folder / "skvoz.toml")]
    run_program(command, folder)
    good = published_digest(folder)
    run_program(command, folder)
    current = current_file(folder / "data" / "published")
    if current is None:
        return Result(survived=False, said="nothing was published")
    current.write_bytes(current.read_bytes()[:5000] + b"\x00" * 4096)
    ended = run(folder, "query", "select count(*) from fct_sales")
    back = run(folder, "rollback")
    reader = run(folder, "query", "select count(*) from fct_sales")
    ok = ended.code == 1 and ended.is_plain and back.code == 0 and reader.code == 0 and published_digest(folder) == good
    return Result(ok, ended.last_line if ended.is_plain else f"not plain: {ended.last_line}")


def readers(stage: Stage) -> Result:
    """Eight processes read a thousand times while fifty versions are published and pruned."""
    folder = stage.fresh()
    found = publish_and_read(folder / "readers", publications=50, processes=8, reads=1_000)
    wrong = [line for line in found if not line.startswith("reads ")]
    reads = sum(int(line.split()[1]) for line in found if line.startswith("reads "))
    return Result(not wrong and reads >= 1_000, wrong[0] if wrong else f"{reads} reads, 0 errors")


def kill_build(stage: Stage) -> Result:
    """The build of the marts, killed at any instant: the next one publishes the same marts."""
    reference = _reference_marts(stage)
    folder = stage.copied()
    (folder / "data" / "state" / "build.json").unlink(missing_ok=True)
    killed = run(folder, "build", "--as-of", AS_OF, kill_after=stage.instant(_build_seconds(stage)))
    healed = run(folder, "build", "--as-of", AS_OF)
    return _same_marts(folder, reference, killed, healed)


def kill_run(stage: Stage) -> Result:
    """The whole job, killed at any instant, from nothing to the publication."""
    reference = _reference_marts(stage)
    folder = stage.fresh()
    killed = run(folder, "run", "--as-of", AS_OF, kill_after=stage.instant(stage.sync_seconds + _build_seconds(stage)))
    healed = run(folder, "run", "--as-of", AS_OF)
    return _same_marts(folder, reference, killed, healed)


def full_disk_of_run(stage: Stage) -> Result:
    """The disk is full anywhere in the whole job: a sentence, and after making room the next run publishes the same marts."""
    reference = _reference_marts(stage)
    folder = stage.fresh()
    with small_disk(folder / "data", f"size={stage.chance.randint(*_FILLED_BY_RUN)}m") as mounted:
        if not mounted:
            return Result(survived=True, said="not tried: no file system can be mounted here")
        ended = run(folder, "run", "--as-of", AS_OF)
        named = ended.code == 0 or (ended.is_plain and ("No space left" in ended.said or "make room" in ended.said))
        _remount(folder / "data", _LARGE_ENOUGH)
        found = _same_marts(folder, reference, ended, run(folder, "run", "--as-of", AS_OF))
        return Result(found.survived and named, found.said if not found.survived else _short(ended, "space"))


STEPS: dict[str, Trial] = {
    "kill -9 of a reading": kill_reading,
    "kill -9 of a replay": kill_replay,
    "kill -9 of a publication": kill_publication,
    "kill -9 of a backup": kill_backup,
    "kill -9 of a forgetting": kill_forgetting,
}
FAULTS: dict[str, Trial] = {
    "spoiled answers of every system": spoiled_answers,
    "answers that drip for ever": dripping_answers,
    "a clock that jumps": jumping_clock,
    "mail and Telegram down for hours": wires_down,
    "systems that are down": dead_systems,
    "a damaged raw file": damaged_raw_file,
    "half a line in a manifest": half_a_manifest,
    "lost and damaged indexes": lost_index,
    "an analyst's open shell": analysts_shell,
    "a full disk": full_disk,
    "a read-only folder": read_only_folder,
    "a damaged publication": damaged_publication,
    "readers during publications": readers,
}
WHOLE: dict[str, Trial] = {
    "kill -9 of the build": kill_build,
    "kill -9 of the whole job": kill_run,
    "a full disk in the whole job": full_disk_of_run,
}


def _a_phone(folder: Path) -> str:
    """The telephone number of a contact."""
    with duckdb.connect(str(folder / "data" / "warehouse.duckdb"), read_only=True) as connection:
        row = connection.execute(
            "select regexp_extract(payload::varchar, '\\+7[-() 0-9]{10,16}') as phone from raw.amocrm__contacts"
            " where phone <> '' order by 1"
        ).fetchone()
    return "+" + "".join(letter for letter in str(row[0]) if letter.isdigit()) if row else ""


def _telling(folder: Path, digits: str) -> list[str]:
    """Raw files that still hold a number, however it is written."""
    found = []
    for path in sorted((folder / "data" / "raw").rglob("*.ndjson.zst")):
        text = zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=0)
        if digits.encode() in text.translate(None, b" ()-.+"):
            found.append(path.name)
    return found


def _kill_and_heal(stage: Stage, folder: Path, arguments: list[str], seconds: float) -> Result:
    killed = run(folder, *arguments, kill_after=stage.instant(seconds))
    return _judged(stage, folder, run(folder, *arguments), "killed" if killed.killed else "it was through before")


def _judged(stage: Stage, folder: Path, ended: Ended, said: str = "", *, also: bool = True, apart: frozenset[str] = frozenset()) -> Result:
    if ended.code != 0 or not ended.is_plain:
        return Result(survived=False, said=f"it did not heal: {ended.said[-300:]}")
    found = raw_digest(folder)
    different = sorted(table for table in (found.keys() | stage.raw.keys()) - apart if found.get(table) != stage.raw.get(table))
    if different:
        return Result(survived=False, said=f"other raw tables: {', '.join(different)}")
    return Result(also, said)


def _same_marts(folder: Path, reference: Digest, killed: Ended, healed: Ended) -> Result:
    if healed.code != 0 or not healed.is_plain:
        return Result(survived=False, said=f"it did not heal: {healed.said[-300:]}")
    found = published_digest(folder)
    different = sorted(table for table in found.keys() | reference.keys() if found.get(table) != reference.get(table))
    if different:
        return Result(survived=False, said=f"other marts: {', '.join(different)}")
    return Result(survived=True, said="killed" if killed.killed else "it was through before")


def _reference_marts(stage: Stage) -> Digest:
    """The marts of the undisturbed company, built when they are first asked for."""
    if not published_digest(stage.reference):
        ended = run(stage.reference, "build", "--as-of", AS_OF)
        if ended.code != 0:
            message = f"the undisturbed build failed:\n{ended.said[-3000:]}"
            raise RuntimeError(message)
        (stage.folder / "build_seconds").write_text(str(ended.seconds), encoding="utf-8")
    path = current_file(stage.reference / "data" / "published")
    return {} if path is None else marts_digest(path)


def _build_seconds(stage: Stage) -> float:
    return float((stage.folder / "build_seconds").read_text(encoding="utf-8"))


def _make_marts(folder: Path) -> None:
    """A warehouse with two marts, for trials of publishing alone."""
    (folder / "data").mkdir()
    with duckdb.connect(str(folder / "data" / "warehouse.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.publication as select '' as run_id, now() as published_at, current_date as as_of_date")
        connection.execute(f"create table marts.fct_sales as select range as n, hash(range) as h from range({_PUBLISH_ROWS})")


def _short(ended: Ended, word: str) -> str:
    return next((line.strip() for line in ended.said.splitlines() if word in line), ended.last_line)


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[bool]:
    """A file system of its own in the folder; False where none can be mounted."""
    folder.mkdir(exist_ok=True)
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
    mounted = mount is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def _remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)
