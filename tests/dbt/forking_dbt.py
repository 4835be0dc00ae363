"""A process that has the project parsed and runs one dbt command after another, each in a fork of itself; started by tests.dbt.kept_dbt.

(A dbt command of its own imports dbt for 3 s of CPU and, because its vars are new, parses the project for 16 s; a fork does neither.)

Lines in: {"arguments": […], "environment": {…}, "folder": …, "output": …}; lines out: the exit code of each.
"""

import atexit
import gc
import json
import os
import sys
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


def main() -> None:
    """Serves until its input ends."""
    manifest = parsed(sys.argv[1:])
    gc.collect()
    gc.freeze()  # what the forks share stays shared
    answers = os.dup(1)
    os.write(answers, b"ready\n")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 2
            try:
                code = run(manifest, json.loads(line))
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        os.write(answers, f"{os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    main()
    os._exit(0)  # nothing was opened here
