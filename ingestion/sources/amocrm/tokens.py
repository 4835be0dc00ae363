"""Access tokens: long-lived ones, and OAuth2 pairs whose refresh token dies the moment it is used.

A new pair is durable before it is used, only one process refreshes at a time, and a refresh whose answer was lost is never sent again
by the same run: the server may have spent the refresh token (crm.md 1.1, 2.1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import httpx
import orjson

from ingestion.errors import PermanentError, TransientError
from ingestion.redaction import register_secret
from ingestion.state import TokenStore

_EARLY_SECONDS = 300  # access tokens are renewed so long before they end, at most half their life


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What an OAuth2 server answered.

    Attributes:
        access: the access token.
        refresh: the refresh token that replaces the one just spent.
        expires_in: life of the access token, seconds.
        details: what else of the answer is worth keeping (Bitrix24's client_endpoint).
    """

    access: str
    refresh: str
    expires_in: float
    details: Mapping[str, Any] = field(default_factory=dict)


class Tokens(Protocol):
    """Where a client gets its access token."""

    def access(self) -> str:
        """A token that should be valid now."""

    def renew(self, refused: str) -> str | None:
        """Another token after the server refused this one; None if there is no other."""


class FixedToken:
    """A long-lived token: nothing to renew."""

    def __init__(self, token: str) -> None:
        register_secret(token)
        self._token = token

    def access(self) -> str:
        """The token."""
        return self._token

    def renew(self, refused: str) -> str | None:  # noqa: ARG002 - the protocol's argument
        """None: an administrator makes a new one."""
        return None


class RotatingTokens:
    """An OAuth2 pair kept in the state folder.

    Args:
        store: where the pair lives.
        configured: the refresh token of skvoz.toml; a changed one begins a new pair.
        exchange: spends a refresh token for a new pair; raises TransientError when no answer was understood, PermanentError when refused.
        advice: what a person does when the refresh token is dead.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        store: TokenStore,
        configured: str,
        exchange: Callable[[str], TokenPair],
        *,
        advice: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        register_secret(configured)
        self._store = store
        self._configured = configured
        self._seed = hashlib.sha256(configured.encode()).hexdigest()[:16]
        self._exchange = exchange
        self._advice = advice
        self._clock = clock
        self._saved: dict[str, Any] | None = None
        self._failed: PermanentError | None = None

    def access(self) -> str:
        """The access token, renewed first when it ends within five minutes."""
        state = self._saved or self._load()
        if self._fresh(state):
            return str(state["access"])
        return self._renew(None)

    def renew(self, refused: str) -> str | None:
        """A token other than the refused one: another process's, or a new pair."""
        return self._renew(refused)

    def detail(self, name: str) -> str | None:
        """Something kept from the last answer of the token server."""
        value = (self._saved or self._load()).get("details", {}).get(name)
        return None if value is None else str(value)

    def _load(self) -> dict[str, Any]:
        saved = self._store.load()
        if saved is None or saved.get("seed") != self._seed:
            saved = {"seed": self._seed, "refresh": self._configured}
        for name in ("access", "refresh"):
            register_secret(str(saved.get(name, "")))
        self._saved = saved
        return saved

    def _fresh(self, state: Mapping[str, Any]) -> bool:
        early = min(_EARLY_SECONDS, float(state.get("expires_in", 2 * _EARLY_SECONDS)) / 2)
        return "access" in state and float(state.get("expires_at", 0)) - early > self._clock()

    def _renew(self, refused: str | None) -> str:
        if self._failed is not None:
            raise self._failed
        with self._store.exclusive():
            state = self._load()  # another process may have been faster
            if self._fresh(state) and state["access"] != refused:
                return str(state["access"])
            pair = self._spend(state)
            renewed = {
                "seed": self._seed,
                "access": pair.access,
                "refresh": pair.refresh,
                "expires_at": self._clock() + pair.expires_in,
                "expires_in": pair.expires_in,
                "details": dict(pair.details),
            }
            register_secret(pair.access)
            register_secret(pair.refresh)
            self._store.save(renewed)
            self._saved = renewed
        return pair.access

    def _spend(self, state: dict[str, Any]) -> TokenPair:
        try:
            return self._exchange(str(state["refresh"]))
        except TransientError as error:
            if _never_sent(error):
                raise
            self._store.save(state | {"lost_at": self._clock()})
            message = (
                f"{error} The answer to the token refresh was lost, so the refresh token may be spent already; run again once, "
                f"and if it is refused then, {self._advice}."
            )
            self._failed = PermanentError(message)
        except PermanentError as error:
            lost = state.get("lost_at")
            when = f" (the answer to a refresh was lost on {datetime.fromtimestamp(lost, UTC):%Y-%m-%d %H:%M} UTC)" if lost else ""
            message = f"{error} The refresh token is spent, expired or revoked{when}; {self._advice}."
            self._failed = PermanentError(message)
        raise self._failed


def token_expiry(token: str) -> datetime | None:
    """When a long-lived token ends: `exp` of the JWT; None if it is no readable JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError):
        return None


def _never_sent(error: TransientError) -> bool:
    """Whether the request cannot have reached the token server, or was turned away at its door, so that the token is certainly unspent."""
    return error.retry_after is not None or isinstance(error.__context__, httpx.ConnectError | httpx.ConnectTimeout)
