"""A run whose process was killed does not keep the schedule and the queue closed."""

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dagster import DagsterInstance, DagsterRunStatus
from dagster._core.test_utils import create_run_for_test

from orchestration.liveness import PROCESS_TAG, bury_dead_runs, mark, this_process


@pytest.fixture
def instance() -> DagsterInstance:
    return DagsterInstance.ephemeral()


def run(instance: DagsterInstance, process: str | None, status: DagsterRunStatus = DagsterRunStatus.STARTED) -> str:
    tags = {} if process is None else {PROCESS_TAG: process}
    return str(create_run_for_test(instance, job_name="refresh", status=status, tags=tags).run_id)


def dead_process() -> str:
    code = "from orchestration.liveness import this_process; print(this_process())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_only_runs_of_dead_processes_are_buried(instance: DagsterInstance) -> None:
    alive = run(instance, this_process())
    dead = run(instance, dead_process())
    host, _, _ = this_process().partition(":")
    reused = run(instance, f"{host}:{os.getpid()}:1")
    elsewhere = run(instance, "another-machine:1:1")
    young = run(instance, None)
    done = run(instance, dead_process(), DagsterRunStatus.SUCCESS)
    assert set(bury_dead_runs(instance)) == {dead, reused}
    states = {run_id: record.status for run_id in (alive, elsewhere, young, done) if (record := instance.get_run_by_id(run_id))}
    assert states == {
        alive: DagsterRunStatus.STARTED,
        elsewhere: DagsterRunStatus.STARTED,
        young: DagsterRunStatus.STARTED,
        done: DagsterRunStatus.SUCCESS,
    }
    buried = instance.get_run_by_id(dead)
    assert buried is not None
    assert buried.status == DagsterRunStatus.FAILURE
    assert set(bury_dead_runs(instance, datetime.now(UTC) + timedelta(minutes=30))) == {young}
    assert set(bury_dead_runs(instance, datetime.now(UTC) + timedelta(days=2))) == {elsewhere}


def test_a_run_whose_code_server_is_gone_before_it_began_is_buried_at_once(instance: DagsterInstance, tmp_path: Path) -> None:
    def given_to(path: Path) -> str:
        tags = {".dagster/grpc_info": json.dumps({"host": "localhost", "socket": str(path)})}
        return str(create_run_for_test(instance, job_name="refresh", status=DagsterRunStatus.STARTING, tags=tags).run_id)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "code.sock"))
        listener.listen()
        starting, lost = given_to(tmp_path / "code.sock"), given_to(tmp_path / "gone" / "code.sock")
        assert bury_dead_runs(instance) == [lost]
    assert bury_dead_runs(instance) == [starting], "its serve was stopped while it started"


def test_a_marked_run_names_this_process(instance: DagsterInstance) -> None:
    run_id = run(instance, None)
    mark(instance, run_id)
    marked = instance.get_run_by_id(run_id)
    assert marked is not None
    assert marked.tags[PROCESS_TAG] == this_process()
    assert bury_dead_runs(instance, datetime.now(UTC) + timedelta(days=2)) == []
