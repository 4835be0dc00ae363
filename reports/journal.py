"""The delivery journal, `<path>/state/journal.sqlite`: one row per report, period, channel and recipient, never sent twice by itself.

A row is written as *sending* before a wire is touched. A message travels in steps (one SMTP transaction; one Telegram call each), and
each step is written down before it is handed over and again when it was answered. So a sender that died between two steps is taken
over where it stopped, and one that died within a step leaves *unknown*, which only a person sends again (`--force`).
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, Self

from reports.delivery.journal_schema import MIGRATIONS
from reports.delivery.lease import Lease
from reports.delivery.store import Store

DeliveryState = Literal["sending", "sent", "partial", "skipped", "failed", "unknown"]
# Waits after a refusal, in minutes: about fifteen hours in all, a morning report's useful life.
BACKOFF_MINUTES = (1, 5, 15, 60, 120, 240, 480)


@dataclass(frozen=True)
class Key:
    """What is delivered to whom; a second delivery of the same key never happens by itself."""

    report: str
    period: str
    channel: str
    recipient: str


@dataclass(frozen=True)
class Delivery:
    """A row of the journal; times are UTC, `number` is what its message is kept under."""

    number: int
    key: Key
    state: DeliveryState
    reason: str
    attempts: int
    forced: int
    at: datetime
    next_try_at: datetime | None


class Claim:
    """The right of this sender to work on one delivery; steps count from 0, `forced` how often somebody has sent it again."""

    def __init__(self, journal: "Journal", number: int, key: Key, attempts: int, done: int, forced: int) -> None:
        """Made by Journal.claim."""
        self._journal = journal
        self.number = number
        self.key = key
        self.attempts = attempts
        self.done = done
        self.forced = forced
        self._begun = done

    @property
    def is_on_its_way(self) -> bool:
        """Whether a step was handed to the wire, and nobody has said what became of it."""
        return self._begun > self.done

    def begin(self, step: int) -> None:
        """Written down before a step is handed to the wire."""
        self._journal.mark(self, "steps_begun", step + 1)
        self._begun = step + 1

    def confirm(self, step: int) -> None:
        """Written down when the other side said that it has the step."""
        self._journal.mark(self, "steps_done", step + 1)
        self.done = step + 1

    def withdraw(self, step: int) -> None:
        """The other side refused the step: it was surely not delivered."""
        self._journal.mark(self, "steps_begun", step)
        self._begun = step


class Journal:
    """The journal as one sender sees it; threads and processes each open their own."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Opens `journal.sqlite` in the state folder.

        Args:
            folder: `<path>/state`.
            now: the clock.
        """
        self.store = Store(folder / "journal.sqlite", MIGRATIONS)
        self.now = now
        self._lease = Lease(folder / "senders")

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Lets go of everything this sender holds."""
        self.close()

    def close(self) -> None:
        """Lets go of everything this sender holds."""
        self._lease.close()

    def claim(self, key: Key, *, force: bool = False) -> Claim | None:
        """Takes a delivery that is to be made; None when it is made, being made, given up or of unknown fate.

        Args:
            key: what to whom.
            force: also one that was sent or whose fate is unknown, from its first step.
        """
        moment = _text(self.now())
        with self.store.writing() as connection:
            row = connection.execute(
                "select * from deliveries where report = ? and period = ? and channel = ? and recipient = ?", _values(key)
            ).fetchone()
            if row is None:
                connection.execute(
                    "insert into deliveries (report, period, channel, recipient, state, owner, created_at, at, attempts)"
                    " values (?, ?, ?, ?, 'sending', ?, ?, ?, 1)",
                    (*_values(key), self._lease.name, moment, moment),
                )
                number = int(connection.execute("select last_insert_rowid()").fetchone()[0])
                _note(connection, number, moment, "sending", "")
                return Claim(self, number, key, 1, 0, 0)
            state, done = self._settled(connection, row, moment)
            due = state == "failed" and row["next_try_at"] is not None and row["next_try_at"] <= moment
            taken_over = state == "abandoned"
            if not (due or taken_over or (force and state != "sending")):
                return None
            again = force and not taken_over
            done = 0 if again else done
            attempts = 1 if again else row["attempts"] + 1
            connection.execute(
                "update deliveries set state = 'sending', reason = '', owner = ?, at = ?, attempts = ?, forced = forced + ?,"
                " steps_begun = ?, steps_done = ?, next_try_at = null where id = ?",
                (self._lease.name, moment, attempts, int(again), done, done, row["id"]),
            )
            _note(connection, row["id"], moment, "sending", "forced" if again else "taken over" if taken_over else "retry")
            return Claim(self, int(row["id"]), key, attempts, done, row["forced"] + int(again))

    def skip(self, key: Key, reason: str) -> bool:
        """Notes that a delivery is not to be made, and why; False if there is a row of it already."""
        moment = _text(self.now())
        with self.store.writing() as connection:
            found = connection.execute(
                "insert into deliveries (report, period, channel, recipient, state, reason, created_at, at)"
                " values (?, ?, ?, ?, 'skipped', ?, ?, ?) on conflict do nothing returning id",
                (*_values(key), reason, moment, moment),
            ).fetchone()
            if found is not None:
                _note(connection, found["id"], moment, "skipped", reason)
        return found is not None

    def finish(self, claim: Claim, state: DeliveryState, reason: str = "", *, retry: bool = False, wait: float | None = None) -> Delivery:
        """Writes down what became of a delivery.

        Args:
            claim: the right to it.
            state: its state from now on.
            reason: one sentence, empty when all is well.
            retry: whether a failed one is tried again, with growing waits.
            wait: seconds that the other side asked to wait at least.
        """
        now = self.now()
        next_try = None
        if state == "failed" and retry and claim.attempts <= len(BACKOFF_MINUTES):
            pause = max(timedelta(minutes=BACKOFF_MINUTES[claim.attempts - 1]), timedelta(seconds=wait or 0))
            next_try = _text(now + pause)
        with self.store.writing() as connection:
            connection.execute(
                "update deliveries set state = ?, reason = ?, at = ?, next_try_at = ? where id = ? and owner = ?",
                (state, reason, _text(now), next_try, claim.number, self._lease.name),
            )
            _note(connection, claim.number, _text(now), state, reason)
            row = connection.execute("select * from deliveries where id = ?", (claim.number,)).fetchone()
        return _delivery(row)

    def mark(self, claim: Claim, column: Literal["steps_begun", "steps_done"], count: int) -> None:
        """Writes down how far a claim's steps are."""
        with self.store.writing() as connection:
            connection.execute(f"update deliveries set {column} = ? where id = ? and owner = ?", (count, claim.number, self._lease.name))

    def sweep(self) -> list[Delivery]:
        """Settles what dead senders left: within a step it is unknown, between steps it is due again. Gives the unknown ones."""
        moment = _text(self.now())
        with self.store.writing() as connection:
            rows = connection.execute("select * from deliveries where state = 'sending'").fetchall()
            settled = {row["id"]: self._settled(connection, row, moment)[0] for row in rows}
            for number in (number for number, state in settled.items() if state == "abandoned"):
                reason = "the sender ended before this was handed over"
                connection.execute(
                    "update deliveries set state = 'failed', reason = ?, next_try_at = ? where id = ?", (reason, moment, number)
                )
                _note(connection, number, moment, "failed", reason)
            lost = [number for number, state in settled.items() if state == "unknown"]
            return [_delivery(connection.execute("select * from deliveries where id = ?", (number,)).fetchone()) for number in lost]

    def find(self, key: Key) -> Delivery | None:
        """The row of a key."""
        rows = self.store.rows("select * from deliveries where report = ? and period = ? and channel = ? and recipient = ?", _values(key))
        return _delivery(rows[0]) if rows else None

    def recent(self, limit: int = 20) -> list[Delivery]:
        """The newest rows first."""
        return [_delivery(row) for row in self.store.rows("select * from deliveries order by at desc, id desc limit ?", (limit,))]

    def waiting(self) -> list[Key]:
        """Deliveries whose next try is due, and those that a dead sender left between two steps."""
        rows = self.store.rows(
            "select * from deliveries where state = 'sending' or (state = 'failed' and next_try_at <= ?) order by id", (_text(self.now()),)
        )
        return [_key(row) for row in rows if row["state"] == "failed" or not self._lease.is_alive(row["owner"])]

    def _settled(self, connection: sqlite3.Connection, row: sqlite3.Row, moment: str) -> tuple[str, int]:
        """The row's state once a dead owner is reckoned with: `abandoned` means between steps; and the steps done."""
        if row["state"] != "sending" or self._lease.is_alive(row["owner"]):
            return str(row["state"]), int(row["steps_done"])
        if row["steps_begun"] <= row["steps_done"]:
            return "abandoned", int(row["steps_done"])
        reason = "the sender ended while the message was on its way"
        connection.execute("update deliveries set state = 'unknown', reason = ?, at = ? where id = ?", (reason, moment, row["id"]))
        _note(connection, row["id"], moment, "unknown", reason)
        return "unknown", int(row["steps_done"])


def _note(connection: sqlite3.Connection, number: int, moment: str, state: str, reason: str) -> None:
    connection.execute("insert into events (delivery_id, at, state, reason) values (?, ?, ?, ?)", (number, moment, state, reason))


def _values(key: Key) -> tuple[str, str, str, str]:
    return key.report, key.period, key.channel, key.recipient


def _key(row: sqlite3.Row) -> Key:
    return Key(row["report"], row["period"], row["channel"], row["recipient"])


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _delivery(row: sqlite3.Row) -> Delivery:
    next_try = row["next_try_at"]
    return Delivery(
        int(row["id"]),
        _key(row),
        row["state"],
        row["reason"],
        row["attempts"],
        row["forced"],
        datetime.fromisoformat(row["at"]),
        None if next_try is None else datetime.fromisoformat(next_try),
    )
