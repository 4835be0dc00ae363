"""What a wire may say: refused (surely not delivered), lost (nobody knows), stopped (the channel itself does not work)."""

from reports.errors import ReportsError


class DeliveryError(ReportsError):
    """Anything that keeps a message from its reader; the text is one sentence for the administrator."""


class RefusedError(DeliveryError):
    """Surely not delivered: it may be tried again, unless the refusal is final.

    Attributes:
        final: trying the same again cannot help (no such mailbox, file too large).
        blocked: the reader has turned the channel away (Telegram 403).
        retry_after: seconds that the other side asks to wait, None if it names none.
    """

    def __init__(self, text: str, *, final: bool = False, blocked: bool = False, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.final = final
        self.blocked = blocked
        self.retry_after = retry_after


class AnswerLostError(DeliveryError):
    """The message was handed over and the answer never came: it may have arrived, so it is not sent again by itself."""


class ChannelStoppedError(DeliveryError):
    """The channel's own credentials are not accepted: nothing more is tried through it until somebody mends that."""


class RecipientError(ReportsError):
    """A recipient in skvoz.toml or on the command line that cannot be read."""


class JournalError(ReportsError):
    """The journal is newer than this program, or cannot be opened."""
