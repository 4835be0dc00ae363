"""Sends one report and kills itself (SIGKILL) at the given moment, in a process of its own, for the crash tests.

Reads lines of JSON from standard input: [number, skvoz.toml, the moment `<where>:<count>` or `-`, recipients…]. Each is done by a
child forked from this process, which has imported everything and opened nothing; its exit code comes back as [number, code].
"""

import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reports.delivery.compose import Order
from reports.delivery.message import Outbox
from reports.delivery.office import Office
from reports.delivery.recipients import resolve
from reports.delivery.send import retry_waiting, send_report
from reports.journal import Claim, Journal
from reports.periods import parse_period
from reports.settings import load_settings


def die_at(owner: type, name: str, where: str, moment: str, *, after: bool) -> None:
    """Wraps a method so that its n-th call ends the process before or after it is done."""
    wanted, _, count = moment.partition(":")
    if wanted != where:
        return
    original: Any = getattr(owner, name)
    seen = [0]

    def wrapped(*args: Any, **named: Any) -> Any:
        seen[0] += 1
        if seen[0] == int(count) and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **named)
        if seen[0] == int(count):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, wrapped)


def main(config: str, moment: str, *recipients: str) -> None:
    die_at(Journal, "claim", "after_claim", moment, after=True)
    die_at(Outbox, "save", "before_save", moment, after=False)
    die_at(Outbox, "save", "after_save", moment, after=True)
    die_at(Claim, "begin", "before_begin", moment, after=False)
    die_at(Claim, "begin", "after_begin", moment, after=True)
    die_at(Claim, "confirm", "before_confirm", moment, after=False)
    die_at(Claim, "confirm", "after_confirm", moment, after=True)
    die_at(Journal, "finish", "before_finish", moment, after=False)
    die_at(Journal, "finish", "after_finish", moment, after=True)
    path = Path(config)
    with Office(load_settings(path), path.parent, now=lambda: datetime(2026, 4, 1, 6, 0, tzinfo=UTC)) as office:
        retry_waiting(office)
        send_report(office, Order("director_daily", parse_period("2026-03-30")), resolve(recipients, office.people))


def serve() -> None:
    children: dict[int, int] = {}
    for line in sys.stdin:
        orders = json.loads(line)
        for number, *arguments in orders:
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    main(*arguments)
                    code = 0
                finally:
                    os._exit(code)
            children[child] = number
        for _ in orders:
            child, status = os.wait()
            sys.stdout.write(json.dumps([children.pop(child), os.waitstatus_to_exitcode(status)]) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    serve()
