"""A process that has the project parsed and runs dbt commands, each in a fork of itself, for all workers of a test run; see kept_dbt.

(A dbt command of its own imports dbt for 3 s of CPU and, because its vars are new, parses the project for 16 s; a fork does neither.)

Whoever starts it reads `ready` and holds its standard input open; whoever has commands connects to its socket. Lines in there:
{"arguments": […], "environment": {…}, "folder": …, "output": …}, where a compilation names the file that takes it as "compiled", and
companies for ClickHouse stand in "companies" instead of arguments; lines out: the exit code of each. It ends when its input has ended
and nobody is connected.
"""

import atexit
import gc
import json
import os
import selectors
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch

import dbt.compilation
import orjson
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.clients.jinja import MacroFuzzEnvironment

from orchestration.lean_dbt import hasten


def remember_templates() -> None:
    """What Jinja has made of a text once serves the forks too: a third of what is left of a command's own work."""
    known: dict[tuple[type, str], CodeType] = {}
    compiled = MacroFuzzEnvironment.compile

    def compile_once(self: MacroFuzzEnvironment, source: str, *arguments: Any, **options: Any) -> Any:
        if arguments or options:
            return compiled(self, source, *arguments, **options)
        key = (type(self), source)
        if key not in known:
            known[key] = compiled(self, source)
        return known[key]

    patch.object(MacroFuzzEnvironment, "compile", compile_once).start()


def trust_the_graph() -> None:
    """No command looks for cycles and describes the graph in a file, 0.4 s each: the build of the published sandbox has looked."""
    patch.object(dbt.compilation.Linker, "find_cycles", lambda _self: None).start()
    patch.object(dbt.compilation.Linker, "get_graph_summary", lambda _self, _manifest: {}).start()


def parsed(arguments: list[str]) -> Manifest:
    """The project as `dbt parse` gives it; in the target folder it finds what an earlier parse has left."""
    done = dbtRunner().invoke(["--quiet", "--no-use-colors", "--no-write-json", "parse", *arguments])
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
    if "companies" in order:
        return build_companies(manifest, order["companies"])
    done = dbtRunner(manifest=manifest).invoke(order["arguments"])
    if done.exception is not None:
        sys.stdout.write(f"{done.exception}\n")
    if done.success and "compiled" in order:
        write_compiled(manifest, done.result, Path(order["compiled"]))
    atexit._run_exitfuncs()  # closes the warehouse, so that no write-ahead log is left beside it
    sys.stdout.flush()
    return 0 if done.success else 1


def write_compiled(manifest: Manifest, done: Any, file: Path) -> None:
    """What tests.properties.compiled reads, parents first; the artefacts of dbt itself cost 2 s of the 6 s of a compilation."""
    nodes = {
        identity: {
            "schema": node.schema,
            "materialized": node.config.materialized,
            "severity": getattr(node.config, "severity", None),
            "parents": node.depends_on_nodes,
        }
        for identity, node in manifest.nodes.items()
    }
    queries = [(one.node.unique_id, one.node.compiled_code) for one in done.results]
    file.write_bytes(orjson.dumps({"nodes": nodes, "queries": queries}))


def build_companies(manifest: Manifest, told: dict[str, Any]) -> int:
    """Companies on ClickHouse's engine, which no process but this fork has loaded."""
    company = import_module("clickhouse_company")  # this program's folder, not the repository, leads its path

    try:
        company.build_all(manifest, told)
    except SystemExit as stopped:
        sys.stdout.write(f"{stopped}\n")
        return 1
    finally:
        sys.stdout.flush()
    return 0


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
    hasten()
    remember_templates()
    server = Server(parsed(arguments), address)
    trust_the_graph()
    gc.collect()
    gc.freeze()  # what the forks share stays shared
    os.write(1, b"ready\n")
    server.serve()
    Path(address).unlink()


if __name__ == "__main__":
    main()
    os._exit(0)  # nothing was opened here
