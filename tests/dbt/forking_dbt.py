"""A process that has the project parsed and runs dbt commands, each in a fork of itself, for all workers of a test run; see kept_dbt.

(A dbt command of its own imports dbt for 3 s of CPU and, because its vars are new, parses the project for 16 s; a fork does neither.)

Whoever starts it reads `ready` and holds its standard input open; whoever has commands connects to its socket. Lines in there:
{"arguments": […], "environment": {…}, "folder": …, "output": …}; lines out: the exit code of each. It ends when its input has ended and
nobody is connected.
"""

import atexit
import gc
import json
import os
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest


def parsed(arguments: list[str]) -> Manifest:
    """The project as `dbt parse` gives it; in the target folder it finds what an earlier parse has left."""
    gc.disable()  # hardly anything of a parse is garbage, and looking for it takes a fifth of the 14 s
    done = dbtRunner().invoke(["--quiet", "--no-use-colors", "--no-write-json", "parse", *arguments])
    gc.enable()
    if not isinstance(done.result, Manifest):
        message = f"the project does not parse: {done.exception}"
        raise SystemExit(message)
    return done.result


def run(manifest: Manifest, order: dict[str, Any]) -> int:
    """A command in this process, which ends with it; what dbt does at the end of a process is done here."""
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    done = dbtRunner(manifest=manifest).invoke(order["arguments"])
    if done.exception is not None:
        sys.stdout.write(f"{done.exception}\n")
    atexit._run_exitfuncs()  # closes the warehouse, so that no write-ahead log is left beside it
    sys.stdout.flush()
    return 0 if done.success else 1


class Server:
    """Connections, and the fork that works for each; one thread, so that a fork finds no lock that nobody will open."""

    def __init__(self, manifest: Manifest, address: str) -> None:
        """Listens at the path of a Unix socket."""
        self.manifest = manifest
        self.events = selectors.DefaultSelector()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(address)
        self.listener.listen()
        self.clients: set[socket.socket] = set()
        self.workers: dict[int, socket.socket] = {}
        self.is_owned = True
        deaths, tell = socket.socketpair()
        deaths.setblocking(False)
        tell.setblocking(False)
        signal.set_wakeup_fd(tell.fileno())
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        self.deaths, self.tell = deaths, tell
        for source in (self.listener, deaths, sys.stdin.fileno()):
            self.events.register(source, selectors.EVENT_READ)

    def serve(self) -> None:
        """Until nobody holds it."""
        while self.is_owned or self.clients:
            for key, _ in self.events.select():
                if key.fileobj is self.listener:
                    self._greet()
                elif key.fileobj is self.deaths:
                    self._answer()
                elif isinstance(key.fileobj, socket.socket):
                    self._obey(key.fileobj)
                elif not os.read(sys.stdin.fileno(), 4096):
                    self.is_owned = False
                    self.events.unregister(key.fileobj)

    def _greet(self) -> None:
        client, _ = self.listener.accept()
        self.clients.add(client)
        self.events.register(client, selectors.EVENT_READ)

    def _obey(self, client: socket.socket) -> None:
        line = b""
        while not line.endswith(b"\n"):
            piece = client.recv(1 << 16)
            if not piece:
                break
            line += piece
        if not line:
            self.events.unregister(client)
            self.clients.discard(client)
            client.close()
            return
        child = os.fork()
        if child == 0:
            code = 2
            try:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                code = run(self.manifest, json.loads(line))
            finally:
                os._exit(code)
        self.workers[child] = client

    def _answer(self) -> None:
        self.deaths.recv(4096)
        while self.workers:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            client = self.workers.pop(child)
            if client in self.clients:
                client.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def main() -> None:
    """Serves until nobody holds it."""
    address, *arguments = sys.argv[1:]
    server = Server(parsed(arguments), address)
    gc.collect()
    gc.freeze()  # what the forks share stays shared
    os.write(1, b"ready\n")
    server.serve()
    Path(address).unlink()


if __name__ == "__main__":
    main()
    os._exit(0)  # nothing was opened here
