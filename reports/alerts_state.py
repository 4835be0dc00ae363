"""What alerts remember, `<path>/state/alerts.sqlite`: what holds since when, what was told, and notices not handed over yet.

A notice is written in the same transaction as the state it tells of, and handed over afterwards: a crash between the two neither
forgets nor repeats it, because the journal knows a notice by alert, publication and reader.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from reports.alerts_rules import Finding
from reports.delivery.store import Store

MIGRATIONS = (
    """
    create table evaluations (alert text not null, reader text not null, version text not null, at text not null,
        primary key (alert, reader));
    create table active (
        alert text not null, reader text not null, entity text not null, since text not null, occurrence text not null,
        line text not null, told_at text, is_baseline integer not null, primary key (alert, reader, entity)
    );
    create table notices (
        id integer primary key, alert text not null, reader text not null, version text not null, subject text not null,
        lines text not null, hours text not null, is_done integer not null default 0, unique (alert, reader, version)
    );
    create table unavailable (alert text primary key, reason text not null, at text not null)
    """,
)


@dataclass(frozen=True)
class Notice:
    """A notice that is still to be handed over."""

    number: int
    alert: str
    reader: str
    version: str
    subject: str
    lines: tuple[str, ...]
    hours: str


@dataclass(frozen=True)
class Pace:
    """How often a thing that holds is told: once, at each occasion, or at most every so often."""

    kind: str
    every: timedelta = timedelta()

    def tells_again(self, told_at: datetime, now: datetime, occurrence: str, known: str) -> bool:
        """Whether what was told before is told now."""
        if self.kind == "each":
            return occurrence != known
        return self.kind == "every" and now - told_at >= self.every


@dataclass(frozen=True)
class Standing:
    """What an alert came to for a reader.

    Attributes:
        alert: its name.
        reader: `channel:address`; empty for an alert that was never reckoned.
        at: when it was reckoned last, ISO 8601 UTC.
        holding: how many things its condition holds for now.
        known: how many of these were there when the alert was first reckoned, and are not told.
        told_at: when the newest of these was first to be told, ISO 8601 UTC.
        waiting: how many notices wait for their hours.
        problem: why it cannot be reckoned now; empty if it can.
    """

    alert: str
    reader: str
    at: str | None
    holding: int
    known: int
    told_at: str | None
    waiting: int
    problem: str


class AlertState:
    """The memory of one data folder's alerts."""

    def __init__(self, folder: Path) -> None:
        """Opens `alerts.sqlite` in the state folder."""
        self._store = Store(folder / "alerts.sqlite", MIGRATIONS)

    def evaluated(self, alert: str, reader: str) -> str:
        """The publication that the alert was last reckoned from for a reader; empty for none."""
        rows = self._store.rows("select version from evaluations where alert = ? and reader = ?", (alert, reader))
        return str(rows[0]["version"]) if rows else ""

    def apply(
        self,
        alert: str,
        reader: str,
        version: str,
        now: datetime,
        found: Sequence[tuple[Finding, str]],
        pace: Pace,
        *,
        baseline: bool,
        recovery: bool,
        subject: str,
        over_line: str,
        hours: str,
    ) -> None:
        """Takes a publication's findings in, and keeps the notice of what is to be told; does nothing if it was taken in before.

        Args:
            alert: its name.
            reader: `channel:address`.
            version: the publication.
            now: the moment.
            found: findings with their sentences.
            pace: how often to tell.
            baseline: whether what is found the first time is known already.
            recovery: whether to tell that something is over.
            subject: the notice's heading.
            over_line: the sentence of what is over, with the place {line}.
            hours: when the notice may go out.
        """
        moment = now.isoformat()
        with self._store.writing() as connection:
            last = connection.execute("select version from evaluations where alert = ? and reader = ?", (alert, reader)).fetchone()
            if last is not None and last["version"] == version:
                return
            rows = connection.execute("select * from active where alert = ? and reader = ?", (alert, reader)).fetchall()
            known = {row["entity"]: row for row in rows}
            raised: list[str] = []
            for finding, line in found:
                occurrence = finding.occurrence or version
                row = known.pop(finding.entity, None)
                if row is None:
                    is_baseline = baseline and last is None
                    told = not is_baseline
                    told_at = moment if told else None
                    since = moment
                else:
                    is_baseline = bool(row["is_baseline"])
                    told = not is_baseline and pace.tells_again(datetime.fromisoformat(row["told_at"]), now, occurrence, row["occurrence"])
                    told_at = moment if told else row["told_at"]
                    since = row["since"]
                if told:
                    raised.append(line)
                connection.execute(
                    "insert or replace into active (alert, reader, entity, since, occurrence, line, told_at, is_baseline)"
                    " values (?, ?, ?, ?, ?, ?, ?, ?)",
                    (alert, reader, finding.entity, since, occurrence, line, told_at, int(is_baseline)),
                )
            gone = [row for row in known.values() if row["told_at"] is not None]
            over = [over_line.replace("{line}", row["line"]) for row in gone] if recovery else []
            connection.executemany(
                "delete from active where alert = ? and reader = ? and entity = ?", [(alert, reader, entity) for entity in known]
            )
            connection.execute("insert or replace into evaluations values (?, ?, ?, ?)", (alert, reader, version, moment))
            if raised or over:
                connection.execute(
                    "insert into notices (alert, reader, version, subject, lines, hours) values (?, ?, ?, ?, ?, ?) on conflict do nothing",
                    (alert, reader, version, subject, json.dumps([*raised, *over], ensure_ascii=False), hours),
                )

    def pending(self) -> list[Notice]:
        """Notices that are still to be handed over, the oldest first."""
        return [
            Notice(row["id"], row["alert"], row["reader"], row["version"], row["subject"], tuple(json.loads(row["lines"])), row["hours"])
            for row in self._store.rows("select * from notices where is_done = 0 order by id")
        ]

    def done(self, notice: Notice) -> None:
        """The journal has taken the notice over."""
        with self._store.writing() as connection:
            connection.execute("update notices set is_done = 1 where id = ?", (notice.number,))

    def unavailable(self, alert: str, reason: str, now: datetime) -> None:
        """Notes that an alert cannot be reckoned from the present publication; an empty reason takes it back."""
        with self._store.writing() as connection:
            connection.execute("delete from unavailable where alert = ?", (alert,))
            if reason:
                connection.execute("insert into unavailable values (?, ?, ?)", (alert, reason, now.isoformat()))

    def hours_of(self, alert: str, reader: str, version: str) -> str | None:
        """The hours that a notice may arrive in; None if there is no such notice."""
        rows = self._store.rows("select hours from notices where alert = ? and reader = ? and version = ?", (alert, reader, version))
        return str(rows[0]["hours"]) if rows else None

    def problems(self) -> dict[str, str]:
        """Why which alerts cannot be reckoned."""
        return {row["alert"]: row["reason"] for row in self._store.rows("select alert, reason from unavailable order by alert")}

    def standings(self) -> list[Standing]:
        """What every alert came to for every reader the last time, and why an alert cannot be reckoned, by name."""
        reckoned = self._store.rows(
            """
            select evaluations.alert, evaluations.reader, evaluations.at, count(active.entity) as holding,
                coalesce(sum(active.is_baseline), 0) as known, max(active.told_at) as told_at,
                (
                    select count(*) from notices
                    where notices.is_done = 0 and notices.alert = evaluations.alert and notices.reader = evaluations.reader
                ) as waiting
            from evaluations
            left join active on active.alert = evaluations.alert and active.reader = evaluations.reader
            group by evaluations.alert, evaluations.reader, evaluations.at
            order by evaluations.alert, evaluations.reader
            """
        )
        problems = self.problems()
        found = [
            Standing(
                row["alert"],
                row["reader"],
                row["at"],
                row["holding"],
                row["known"],
                row["told_at"],
                row["waiting"],
                problems.get(row["alert"], ""),
            )
            for row in reckoned
        ]
        never = problems.keys() - {standing.alert for standing in found}
        return found + [Standing(alert, "", None, 0, 0, None, 0, problems[alert]) for alert in sorted(never)]
