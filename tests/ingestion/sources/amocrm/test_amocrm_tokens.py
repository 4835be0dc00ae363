"""Rotating tokens: durable before use, one refresh at a time, a lost answer never tried again blindly."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.errors import PermanentError, TransientError
from ingestion.http import HttpClient
from ingestion.sandbox.amocrm_tokens import long_lived_token
from ingestion.sources.amocrm.tokens import RotatingTokens, TokenPair, token_expiry
from ingestion.state import TokenStore

ADVICE = "authorise anew"


class Desk:
    """A token server: each refresh token is good once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.alive = {"seed": 0}
        self.asked: list[str] = []
        self.life = 86_400.0
        self.after: Callable[[], None] = lambda: None

    def exchange(self, refresh: str) -> TokenPair:
        self.asked.append(refresh)
        if self.alive.pop(refresh, None) is None:
            message = "revoked."
            raise PermanentError(message)
        number = len(self.asked)
        self.alive[f"refresh-{number}"] = number
        self.after()
        return TokenPair(f"access-{number}", f"refresh-{number}", self.life)

    def tokens(self, configured: str = "seed", clock: Callable[[], float] = time.time) -> RotatingTokens:
        return RotatingTokens(TokenStore(self.folder, "sales"), configured, self.exchange, advice=ADVICE, clock=clock)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_new_pair_is_on_disk_before_it_is_used_and_only_its_owner_can_read_it(desk: Desk) -> None:
    assert desk.tokens().access() == "access-1"
    saved = TokenStore(desk.folder, "sales").load()
    assert saved is not None
    assert saved["refresh"] == "refresh-1"
    (path,) = desk.folder.glob("*.json")
    assert path.stat().st_mode & 0o777 == 0o600
    assert desk.tokens().access() == "access-1"
    assert desk.asked == ["seed"]


def test_a_token_about_to_end_is_renewed_and_a_refused_one_too(desk: Desk) -> None:
    now = 1_000_000.0
    tokens = desk.tokens(clock=lambda: now)
    assert tokens.access() == "access-1"
    assert tokens.renew("access-1") == "access-2"
    now += 86_400 - 200
    assert tokens.access() == "access-3"
    assert desk.asked == ["seed", "refresh-1", "refresh-2"]


def test_a_token_with_a_short_life_is_not_renewed_for_every_request(desk: Desk) -> None:
    now = 1_000_000.0
    desk.life = 120
    tokens = desk.tokens(clock=lambda: now)
    assert [tokens.access(), tokens.access()] == ["access-1", "access-1"]
    assert desk.tokens(clock=lambda: now).access() == "access-1"
    now += 61
    assert tokens.access() == "access-2"


def test_two_processes_share_one_refresh(desk: Desk) -> None:
    desk.after = lambda: time.sleep(0.05)
    got: list[str] = []
    workers = [threading.Thread(target=lambda: got.append(desk.tokens().access())) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert got == ["access-1"] * 4
    assert desk.asked == ["seed"]


def test_a_pair_renewed_by_another_process_is_taken_over_after_a_401(desk: Desk) -> None:
    mine, other = desk.tokens(), desk.tokens()
    mine.access()
    assert other.renew("access-1") == "access-2"
    assert mine.renew("access-1") == "access-2"
    assert len(desk.asked) == 2


def test_a_refresh_whose_answer_was_lost_is_not_sent_again_by_this_run_and_says_what_to_do(desk: Desk) -> None:
    def lost() -> None:
        message = "connection lost."
        raise TransientError(message)

    desk.after = lost
    tokens = desk.tokens()
    for _ in range(3):
        with pytest.raises(PermanentError, match=f"answer to the token refresh was lost.*{ADVICE}"):
            tokens.access()
    assert desk.asked == ["seed"]
    desk.after = lambda: None
    with pytest.raises(PermanentError, match=r"spent, expired or revoked \(the answer to a refresh was lost on"):
        desk.tokens().access()
    desk.alive["anew"] = 0
    assert desk.tokens("anew").access() == "access-3"


def test_a_refresh_that_never_left_is_only_transient(desk: Desk) -> None:
    def refused(_refresh: str) -> TokenPair:
        with HttpClient("sales", attempts=1) as http:
            http.json("GET", "http://127.0.0.1:1/")
        raise AssertionError

    tokens = RotatingTokens(TokenStore(desk.folder, "sales"), "seed", refused, advice=ADVICE)
    with pytest.raises(TransientError):
        tokens.access()
    assert desk.tokens().access() == "access-1"


def test_a_crash_between_the_answer_and_the_disk_loses_one_pair_and_is_explained(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_store: TokenStore, _tokens: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(TokenStore, "save", full)
        with pytest.raises(OSError, match="No space"):
            desk.tokens().access()
    with pytest.raises(PermanentError, match=ADVICE):
        desk.tokens().access()


def test_the_end_of_a_long_lived_token_is_read_from_it() -> None:
    end = datetime(2027, 1, 1, tzinfo=UTC)
    assert token_expiry(long_lived_token(int(end.timestamp()), "example")) == end
    assert token_expiry("no-jwt") is None
    assert token_expiry("a.b.c") is None
