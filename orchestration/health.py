"""The health endpoint of `skvoz serve`: what each part is doing, for a watchdog, a container or a person; it tells no figures."""

from __future__ import annotations

import json
import sqlite3
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Report = Callable[[], dict[str, Any]]

_ANSWER_SECONDS = 2.0
_HEARTBEAT_SECONDS = 120.0  # Dagster's daemons write one every 30 s


def overall(parts: list[dict[str, object]]) -> dict[str, Any]:
    """The whole answer: ok when every part runs, starting while one has not answered yet, else degraded."""
    states = {part["state"] for part in parts}
    status = "ok" if states <= {"running"} else "starting" if states <= {"running", "starting"} else "degraded"
    return {"status": status, "parts": parts}


@contextmanager
def health_server(host: str, port: int, report: Report) -> Iterator[int]:
    """Answers GET /health while the block runs: 200 when everything is ok, else 503; the port it listens on."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/health":
                self.send_error(404)
                return
            answer = report()
            body = json.dumps(answer, ensure_ascii=False).encode()
            self.send_response(200 if answer["status"] == "ok" else 503)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its own signature
            """A watchdog asks every few seconds; that is no news."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask_address(url: str) -> Callable[[], str | None]:
    """A question to a part that answers over HTTP on this machine."""

    def ask() -> str | None:
        try:
            with urllib.request.urlopen(url, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310 - our own part on loopback
                answer.read(1)
        except urllib.error.HTTPError as error:
            return f"it answers {error.code}"
        except OSError as error:
            return f"it does not answer ({getattr(error, 'reason', error)})"
        return None

    return ask


def ask_heartbeat(home: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Callable[[], str | None]:
    """Whether Dagster's scheduler and queue wrote a heartbeat lately, from its own file (importing Dagster would cost 100 MiB)."""
    file = home / "history" / "runs.db"

    def ask() -> str | None:
        try:
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=_ANSWER_SECONDS)) as connection:
                rows = connection.execute("select daemon_type, max(timestamp) from daemon_heartbeats group by daemon_type").fetchall()
        except sqlite3.Error:
            return "its file cannot be read yet"
        beats = {kind: datetime.fromisoformat(moment).replace(tzinfo=UTC) for kind, moment in rows}
        late = [
            kind.lower()
            for kind in ("SCHEDULER", "SENSOR", "QUEUED_RUN_COORDINATOR")
            if kind not in beats or (now() - beats[kind]).total_seconds() > _HEARTBEAT_SECONDS
        ]
        return f"no heartbeat of {', '.join(late)}" if late else None

    return ask


def ask_socket(path: Path) -> Callable[[], str | None]:
    """Whether a part has made its socket."""
    return lambda: None if path.is_socket() else "its socket is not there yet"
