"""What is known of recipients beyond one message: refusals by day, chats that moved, unsubscriptions, a stopped channel.

It lives in the journal's file, so that a backup of one is a backup of both.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from reports.delivery.store import Store

# Telegram answers 403 for a day or two when a person only blocks and unblocks the bot; three different days are an answer.
REFUSALS_UNTIL_STOP = 3
EVERY_REPORT = "*"
# why a reader who has stopped a report by themselves gets it no more
READERS_WORD = "the reader has unsubscribed"


class Standing:
    """Recipients' standing with us; addresses are the journal's own."""

    def __init__(self, store: Store, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Takes the journal's store."""
        self._store = store
        self._now = now

    def refused(self, channel: str, recipient: str) -> bool:
        """Notes a refusal of today; True when refusals on enough days in a row have just stopped the recipient."""
        with self._store.writing() as connection:
            connection.execute(
                "insert or ignore into refusals (channel, recipient, day) values (?, ?, ?)",
                (channel, recipient, self._now().astimezone(UTC).date().isoformat()),
            )
            days = connection.execute("select count(*) from refusals where channel = ? and recipient = ?", (channel, recipient)).fetchone()[
                0
            ]
        if days < REFUSALS_UNTIL_STOP:
            return False
        return self.stop(EVERY_REPORT, channel, recipient, f"refused on {days} different days")

    def accepted(self, channel: str, recipient: str) -> None:
        """A message arrived: earlier refusals are no row any more."""
        if self._store.rows("select 1 from refusals where channel = ? and recipient = ?", (channel, recipient)):
            with self._store.writing() as connection:
                connection.execute("delete from refusals where channel = ? and recipient = ?", (channel, recipient))

    def stop(self, report: str, channel: str, recipient: str, reason: str) -> bool:
        """Sends a recipient no more of a report (or of all, `*`); True if that is new."""
        with self._store.writing() as connection:
            found = connection.execute(
                "insert into stops (report, channel, recipient, at, reason) values (?, ?, ?, ?, ?) on conflict do nothing returning 1",
                (report, channel, recipient, self._now().astimezone(UTC).isoformat(), reason),
            ).fetchone()
        return found is not None

    def resume(self, report: str, channel: str, recipient: str) -> None:
        """Takes a stop back, and with it the refusals that led to it."""
        with self._store.writing() as connection:
            connection.execute("delete from stops where report = ? and channel = ? and recipient = ?", (report, channel, recipient))
            connection.execute("delete from refusals where channel = ? and recipient = ?", (channel, recipient))

    def stopped(self, report: str, channel: str, recipient: str) -> str:
        """Why a recipient gets no more of a report; empty if nothing stands in the way."""
        rows = self._store.rows(
            "select reason from stops where report in (?, ?) and channel = ? and recipient in (?, '*')",
            (report, EVERY_REPORT, channel, recipient),
        )
        return str(rows[0]["reason"]) if rows else ""

    def moved(self, channel: str, recipient: str, target: str) -> None:
        """Saves where a chat has moved to."""
        with self._store.writing() as connection:
            connection.execute(
                "insert into moves (channel, recipient, target) values (?, ?, ?) on conflict do update set target = excluded.target",
                (channel, recipient, target),
            )

    def address(self, channel: str, recipient: str) -> str:
        """Where a recipient is reached now."""
        seen = {recipient}
        while rows := self._store.rows("select target from moves where channel = ? and recipient = ?", (channel, recipient)):
            recipient = str(rows[0]["target"])
            if recipient in seen:
                break
            seen.add(recipient)
        return recipient
