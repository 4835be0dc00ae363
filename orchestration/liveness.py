"""Runs whose process has ended without saying so (kill -9, out of memory, power): found and marked failed.

Dagster keeps such a run as started for ever, and neither the queue nor the schedule would let another one begin.
"""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dagster import DagsterInstance, DagsterRunStatus, RunRecord, RunsFilter

PROCESS_TAG = "skvoz/process"
_BEGUN = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
_LAUNCHED_BY = ".dagster/grpc_info"  # Dagster's own tag: host, and port or socket of the code server that a run was given to
_UNMARKED = timedelta(minutes=10)  # from the start of a run to its first step: imports and the project's manifest, a minute at worst
_ELSEWHERE = timedelta(days=1)  # a process of another machine cannot be seen from here


def this_process() -> str:
    """Names this process so that another one with its number is not taken for it: host:pid:start."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def mark(instance: DagsterInstance, run_id: str) -> None:
    """Say which process works on a run; called at the beginning of its steps."""
    instance.add_run_tags(run_id, {PROCESS_TAG: this_process()})


def bury_dead_runs(instance: DagsterInstance, now: datetime | None = None) -> list[str]:
    """Mark runs as failed whose process is gone; their ids."""
    moment = now or datetime.now(UTC)
    buried = []
    for record in instance.get_run_records(RunsFilter(statuses=_BEGUN)):
        if _is_dead(record, moment):
            text = "the process of this run ended without a word (killed, out of memory, or the machine went down)"
            instance.report_run_failed(record.dagster_run, text)
            buried.append(record.dagster_run.run_id)
    return buried


def _is_dead(record: RunRecord, now: datetime) -> bool:
    age = now - record.update_timestamp.replace(tzinfo=record.update_timestamp.tzinfo or UTC)
    host, _, rest = record.dagster_run.tags.get(PROCESS_TAG, "").partition(":")
    if not host:
        return age > _UNMARKED or _launcher_is_gone(record.dagster_run.tags.get(_LAUNCHED_BY))
    if host != socket.gethostname():
        return age > _ELSEWHERE
    pid, _, started = rest.partition(":")
    return _started(int(pid)) != started


def _launcher_is_gone(launched_by: str | None) -> bool:
    """Whether nobody listens any more at the socket of the code server that was to start a run; `skvoz serve` takes a new one each time."""
    try:
        path = json.loads(launched_by or "{}").get("socket")
    except ValueError:
        return False
    if not path:
        return False
    with socket.socket(socket.AF_UNIX) as knock:
        try:
            knock.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            return True
        except OSError:
            return False
    return False


def _started(pid: int) -> str:
    """When a process began, in clock ticks since the machine's start; empty if it is gone, "-" where the system does not say."""
    if not Path("/proc/self/stat").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return ""
        except PermissionError:
            return "-"
        return "-"
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] == "Z" else fields[19]  # proc(5): state is field 3, starttime field 22
