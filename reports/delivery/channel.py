"""What every wire offers, and the record of steps that it must keep while it sends."""

from types import TracebackType
from typing import Protocol, Self

from reports.delivery.message import Message


class Steps(Protocol):
    """The journal's record of one delivery; `done` steps are surely over, so a wire begins with the next.

    `forced` counts how often a person has had it sent again.
    """

    done: int
    forced: int

    def begin(self, step: int) -> None:
        """To be called before a step is handed over."""

    def confirm(self, step: int) -> None:
        """To be called when the other side has answered that it has the step."""

    def withdraw(self, step: int) -> None:
        """To be called when the other side has refused the step."""


class Channel(Protocol):
    """A wire, open for one batch."""

    def __enter__(self) -> Self:
        """For `with`."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes the connection."""

    def deliver(self, message: Message, address: str, steps: Steps) -> None:
        """Hands a message over.

        Raises:
            RefusedError: surely not delivered (from the step on that is not done).
            AnswerLostError: handed over, fate unknown.
            ChannelStoppedError: the channel's credentials are not accepted.
        """

    def check(self) -> str:
        """Tries the channel with its real credentials without sending anything; one line about what answered."""
