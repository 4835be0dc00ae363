"""Sessions of people who have logged in, `<path>/state/sessions.sqlite`, and the signed cookie that names one.

The cookie carries a random token, its expiry and a signature; the file keeps only the token's digest. A session holds the stamp that
its person had when they logged in (reports/people.py), so that a new password, a removal, or a removal and a return end it at once,
wherever they were made.
"""

import hashlib
import hmac
import math
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reports.delivery.store import Store
from reports.errors import ReportsError
from reports.people import People, Person

# A working day with lunch may pass without a click; a monitor on the wall, which asks by itself, logs in again every two weeks.
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=14)
# How often a session that is being used is written down as such.
NOTED_EVERY = timedelta(minutes=5)
# Wrong passwords per name before the name must wait, and for how long.
TRIES = 5
TRIES_WITHIN = timedelta(minutes=15)
LONGEST_NAME = 64
KEY_FILE = "session.key"
KEY_BYTES = 32

MIGRATIONS = (
    """
    create table sessions (
        digest text primary key, person text not null, stamp text not null, opened_at text not null, seen_at text not null
    );
    create table wrong (name text not null, at text not null)
    """,
)


class MustWaitError(ReportsError):
    """Too many wrong passwords under one name; `minutes` are left to wait."""

    def __init__(self, minutes: int) -> None:
        self.minutes = minutes
        super().__init__(f"Too many wrong passwords; wait {minutes} minute(s).")


@dataclass(frozen=True)
class Ticket:
    """A session that was just opened: the cookie's value, and after how many seconds it ends."""

    cookie: str
    seconds: int


class Sessions:
    """The sessions of one data folder; safe to share between threads."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Opens the files in the state folder.

        Args:
            folder: `<path>/state`.
            now: the clock.
        """
        self.people = People(folder)
        self._store = Store(folder / "sessions.sqlite", MIGRATIONS)
        self._key = _read_key(folder / KEY_FILE)
        self._now = now

    def log_in(self, name: str, password: str) -> Person | None:
        """The person whose name and password these are; None for anything else, after the same time.

        A try is counted before it is reckoned, so that many at once do not get through together; names that nobody has wait as well.

        Raises:
            MustWaitError: if the name has been tried too often.
        """
        name, now = name[:LONGEST_NAME], self._now()
        with self._store.writing() as connection:
            connection.execute("delete from wrong where at <= ?", ((now - TRIES_WITHIN).isoformat(),))
            tried = connection.execute("select at from wrong where name = ? order by at desc limit ?", (name, TRIES)).fetchall()
            if len(tried) == TRIES:
                again = datetime.fromisoformat(tried[-1]["at"]) + TRIES_WITHIN
                raise MustWaitError(max(1, math.ceil((again - now) / timedelta(minutes=1))))
            connection.execute("insert into wrong (name, at) values (?, ?)", (name, now.isoformat()))
        if not self.people.verify_password(name, password):
            return None
        with self._store.writing() as connection:
            connection.execute("delete from wrong where name = ?", (name,))
        return self.people.get(name)

    def open(self, person: Person) -> Ticket:
        """Opens a session under a fresh name; the sessions that are over are forgotten."""
        now = self._now()
        token = secrets.token_urlsafe(32)
        with self._store.writing() as connection:
            connection.execute("delete from sessions where opened_at < ?", ((now - LONGEST).isoformat(),))
            connection.execute(
                "insert into sessions (digest, person, stamp, opened_at, seen_at) values (?, ?, ?, ?, ?)",
                (_digest(token), person.name, self.people.stamp(person.name), now.isoformat(), now.isoformat()),
            )
        signed = f"{token}.{int((now + LONGEST).timestamp())}"
        return Ticket(f"{signed}.{self.signature(signed)}", int(LONGEST.total_seconds()))

    def find(self, cookie: str) -> Person | None:
        """Whose session a cookie names; None if it was changed, has ended, or its person has another password or is gone."""
        token = self._token(cookie)
        if token is None:
            return None
        now = self._now()
        rows = self._store.rows("select * from sessions where digest = ?", (_digest(token),))
        if not rows:
            return None
        row = rows[0]
        seen = datetime.fromisoformat(row["seen_at"])
        if seen + IDLE < now or not hmac.compare_digest(row["stamp"], self.people.stamp(row["person"]) or "-"):
            self.close(cookie)
            return None
        if seen + NOTED_EVERY < now:
            with self._store.writing() as connection:
                connection.execute("update sessions set seen_at = ? where digest = ?", (now.isoformat(), row["digest"]))
        return self.people.get(row["person"])

    def close(self, cookie: str) -> None:
        """Ends the session that a cookie names, if there is one."""
        token = self._token(cookie)
        if token is not None:
            with self._store.writing() as connection:
                connection.execute("delete from sessions where digest = ?", (_digest(token),))

    def signature(self, text: str) -> str:
        """What shows that a text was made here."""
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def _token(self, cookie: str) -> str | None:
        signed, _, signature = cookie.rpartition(".")
        token, _, until = signed.partition(".")
        # bytes, for what a stranger sends may hold signs that compare_digest refuses in text
        if not hmac.compare_digest(signature.encode(), self.signature(signed).encode()):
            return None
        return token if until.isdigit() and int(until) > self._now().timestamp() else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _read_key(path: Path) -> bytes:
    """The signing key, drawn once per data folder; two servers that start together agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    drawn = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        with os.fdopen(os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        try:
            path.hardlink_to(drawn)
        except FileExistsError:
            pass
        finally:
            drawn.unlink()
    return path.read_bytes()
