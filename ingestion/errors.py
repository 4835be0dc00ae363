"""The errors of ingestion: each is one sentence that says what, where, and what to do."""

from __future__ import annotations


class IngestionError(Exception):
    """Anything ingestion refuses or fails at."""


class ConfigurationError(IngestionError):
    """skvoz.toml or the environment is wrong; `problems` lists every fault found, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class SourceError(IngestionError):
    """A system or file could not be read."""


class TransientError(SourceError):
    """Worth another try: the network, a limit, an overloaded or half-answering server.

    `retry_after` is the wait in seconds that the server asked for, if it did.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SlowAnswerError(TransientError):
    """The server did not answer in time; asked for less at once it may."""


class SlowDownError(TransientError):
    """The server counts requests and has had too many; most of them count by the minute."""


class PermanentError(SourceError):
    """Another try gives the same: wrong credentials, missing rights, an unpublished object, a wrong address."""


class OneListError(SourceError):
    """One list of a system cannot be taken, however often it is asked; its other lists may."""


class LossGuardError(OneListError):
    """A stream would lose more records at once than its guard allows; nothing was marked deleted."""


class RawZoneError(IngestionError):
    """The raw zone on disk is not what its manifest says."""


class WarehouseError(IngestionError):
    """The warehouse cannot take what is loaded: no memory or no disk."""


class BusyError(IngestionError):
    """Another process is writing the same data folder."""
