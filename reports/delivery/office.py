"""Everything that sending needs, opened once for a batch: settings, journal, people, standing, outbox, wires, one browser."""

import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from reports.delivery.channel import Channel
from reports.delivery.compose import SharedPictures
from reports.delivery.errors import ChannelStoppedError
from reports.delivery.folder import FolderChannel
from reports.delivery.message import Outbox
from reports.delivery.recipients import ChannelName
from reports.delivery.smtp import SmtpChannel
from reports.delivery.standing import EVERY_REPORT, Standing
from reports.delivery.telegram import TelegramChannel
from reports.delivery.telegram_api import BotApi
from reports.delivery.webhook import WebhookChannel
from reports.errors import PublishedError
from reports.journal import Journal
from reports.people import People
from reports.periods import Period
from reports.publications import current_publication, kept_publications, open_publication
from reports.published import Published
from reports.render.pictures import Pictures
from reports.settings import Settings


class Office:
    """One batch of deliveries. Wires, the browser and the publication are opened when first needed and closed together."""

    def __init__(
        self,
        settings: Settings,
        base: Path,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        channels: dict[ChannelName, Channel] | None = None,
        pictures: Pictures | None = None,
    ) -> None:
        """Opens the journal and the people.

        Args:
            settings: the readers' part of skvoz.toml.
            base: the folder of skvoz.toml, to which `file:` addresses are relative.
            now: the clock.
            channels: wires that stand in for the real ones.
            pictures: a browser that stands in for the batch's own.
        """
        self.settings = settings
        self.now = now
        state = settings.warehouse.path / "state"
        self._stack = ExitStack()
        self.journal = self._stack.enter_context(Journal(state, now))
        self.standing = Standing(self.journal.store, now)
        self.people = People(state, now)
        self.outbox = Outbox(state / "outbox")
        self._base = base
        self._channels: dict[ChannelName, Channel] = dict(channels or {})
        self._pictures = pictures
        self._published: Published | None = None
        self._stopped: set[ChannelName] = set()

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes everything that was opened."""
        self._stack.close()

    @property
    def published(self) -> Published:
        """The publication that the whole batch is made from."""
        if self._published is None:
            self._published = self._stack.enter_context(current_publication(self.settings.warehouse))
        return self._published

    def choose_version_for(self, period: Period) -> datetime | None:
        """Makes the batch from the last version published for the day after the period, as the report was due then.

        Returns:
            When that version was published; None if it is not kept any more, and the present one is used.
        """
        due_day = period.end + timedelta(days=1)
        for path in kept_publications(self.settings.warehouse):
            try:
                candidate = open_publication(path, self.settings.warehouse)
            except PublishedError:
                continue
            publication = candidate.publication
            made_on = publication.published_at.astimezone(publication.zone).date()
            if made_on == due_day and publication.as_of_date >= period.end:
                self._published = self._stack.enter_context(candidate)
                return publication.published_at
            candidate.close()
        return None

    @property
    def pictures(self) -> Pictures:
        """The batch's browser, started at the first chart."""
        if self._pictures is None:
            self._pictures = self._stack.enter_context(SharedPictures())
        return self._pictures

    def channel(self, name: ChannelName) -> Channel:
        """A wire, opened at first use.

        Raises:
            ChannelStoppedError: if skvoz.toml does not describe it, or its credentials were refused before and are still the same.
        """
        if name in self._stopped or self.standing.stopped(EVERY_REPORT, name, self._credentials(name)):
            msg = f"{name} is stopped: its credentials were refused; correct them in skvoz.toml and run `skvoz check`."
            raise ChannelStoppedError(msg)
        if name not in self._channels:
            self._channels[name] = self._stack.enter_context(self._open(name))
        return self._channels[name]

    def stop_channel(self, name: ChannelName, reason: str) -> bool:
        """Nothing more goes through a wire until its credentials change or `skvoz check` finds them good; True if that is new."""
        self._stopped.add(name)
        if name != "telegram":
            return True
        return self.standing.stop(EVERY_REPORT, name, self._credentials(name), reason)

    def release_channel(self, name: ChannelName) -> None:
        """The credentials work again."""
        self._stopped.discard(name)
        self.standing.resume(EVERY_REPORT, name, self._credentials(name))

    def _credentials(self, name: ChannelName) -> str:
        """What stands for a wire's credentials in the journal's file: a digest, never themselves."""
        if name == "telegram" and self.settings.telegram is not None:
            return "token-" + hashlib.sha256(self.settings.telegram.token.encode()).hexdigest()[:16]
        return f"credentials-{name}"

    def _open(self, name: ChannelName) -> Channel:
        settings = self.settings
        if name == "email":
            if settings.email is None:
                msg = "A recipient is an e-mail address, but skvoz.toml has no [email]; add the mail server."
                raise ChannelStoppedError(msg)
            return SmtpChannel(settings.email)
        if name == "telegram":
            if settings.telegram is None:
                msg = "A recipient is a Telegram chat, but skvoz.toml has no [telegram]; add the bot's token."
                raise ChannelStoppedError(msg)
            return TelegramChannel(BotApi(settings.telegram), self._chat_moved)
        return FolderChannel(self._base) if name == "file" else WebhookChannel()

    def _chat_moved(self, old: str, new: int) -> None:
        self.standing.moved("telegram", old, str(new))
        if old.lstrip("-").isdigit():
            self.people.move_chat(int(old), new)
