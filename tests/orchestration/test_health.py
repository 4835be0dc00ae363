"""The health endpoint tells the state of every part, and what Dagster's own file says of its daemons."""

import json
import sqlite3
import urllib.error
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.health import ask_address, ask_heartbeat, ask_socket, health_server, overall

NOW = datetime(2026, 4, 1, 6, tzinfo=UTC)


def state(name: str, what: str) -> dict[str, object]:
    return {"part": name, "state": what}


def get(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - our own server
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            body = error.read()
            return error.code, json.loads(body) if body[:1] == b"{" else {}


@pytest.mark.parametrize(
    ("states", "status", "code"),
    [
        (["running"], "ok", 200),
        (["running", "starting"], "starting", 503),
        (["running", "waiting"], "degraded", 503),
        (["silent"], "degraded", 503),
    ],
)
def test_it_answers_what_the_parts_are_doing(states: list[str], status: str, code: int) -> None:
    parts = [state(f"part{number}", what) for number, what in enumerate(states)]
    with health_server("127.0.0.1", 0, lambda: overall(parts)) as port:
        answered, body = get(f"http://127.0.0.1:{port}/health")
        assert (answered, body["status"]) == (code, status)
        assert body["parts"] == parts
        assert get(f"http://127.0.0.1:{port}/etc/passwd")[0] == 404
        assert (ask_address(f"http://127.0.0.1:{port}/health")() is None) == (code == 200)
    assert "does not answer" in (ask_address(f"http://127.0.0.1:{port}/health")() or "")


def test_a_daemon_that_stopped_beating_is_named(tmp_path: Path) -> None:
    ask = ask_heartbeat(tmp_path, lambda: NOW)
    assert ask() == "its file cannot be read yet"
    (tmp_path / "history").mkdir()
    with closing(sqlite3.connect(tmp_path / "history" / "runs.db")) as connection, connection:
        connection.execute("create table daemon_heartbeats (daemon_type text, timestamp timestamp)")
        for kind, age in (("SCHEDULER", 10), ("SENSOR", 500)):
            beat = (NOW - timedelta(seconds=age)).replace(tzinfo=None)
            connection.execute("insert into daemon_heartbeats values (?, ?)", [kind, beat.isoformat(sep=" ")])
    connection.close()
    assert ask() == "no heartbeat of sensor, queued_run_coordinator"


def test_a_socket_that_is_not_there_yet(tmp_path: Path) -> None:
    assert ask_socket(tmp_path / "code.sock")() == "its socket is not there yet"
