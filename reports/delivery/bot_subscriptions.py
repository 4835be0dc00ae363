"""What a chat gets by subscription, and the reader's own way to stop a report and to have it back."""

from reports.catalogue import find_report
from reports.delivery.recipients import objection, resolve
from reports.delivery.standing import READERS_WORD, Standing
from reports.errors import ReportsError
from reports.journal import Journal
from reports.people import People
from reports.settings import Settings

CHANNEL = "telegram"


class Subscriptions:
    """The subscriptions of one chat, as skvoz.toml has them and as the reader has changed them."""

    def __init__(self, settings: Settings, people: People, chat_id: int) -> None:
        """Takes the chat's id; nothing is read yet."""
        self._settings = settings
        self._people = people
        self._chat = str(people.known_as(chat_id))

    def coming(self) -> list[str]:
        """The reports that come to the chat."""
        with Journal(self._settings.warehouse.path / "state") as journal:
            standing = Standing(journal.store)
            return [report for report in self._subscribed() if not standing.stopped(report, CHANNEL, self._chat)]

    def stopped(self) -> list[str]:
        """The reports that the reader has stopped; what the administrator or refusals have stopped is not the reader's to take back."""
        with Journal(self._settings.warehouse.path / "state") as journal:
            standing = Standing(journal.store)
            return [report for report in self._subscribed() if standing.stopped(report, CHANNEL, self._chat) == READERS_WORD]

    def stop(self, report: str) -> bool:
        """Sends the chat no more of a report; False if it does not come anyway."""
        if report not in self.coming():
            return False
        with Journal(self._settings.warehouse.path / "state") as journal:
            return Standing(journal.store).stop(report, CHANNEL, self._chat, READERS_WORD)

    def resume(self, report: str) -> bool:
        """Sends the chat a report again; False if the reader has not stopped it."""
        if report not in self.stopped():
            return False
        with Journal(self._settings.warehouse.path / "state") as journal:
            Standing(journal.store).resume(report, CHANNEL, self._chat)
        return True

    def _subscribed(self) -> list[str]:
        found: dict[str, None] = {}
        for subscription in self._settings.reports.subscriptions:
            for text in subscription.to:
                if not text.startswith(f"{CHANNEL}:"):
                    continue
                try:
                    report = find_report(subscription.report)
                    recipients = resolve([text], self._people)
                except ReportsError:
                    continue  # a person or a report that is gone; `skvoz check` tells of it
                if any(recipient.address == self._chat and not objection(report, recipient) for recipient in recipients):
                    found.setdefault(report.name)
        return list(found)
