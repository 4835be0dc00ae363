"""The journal: one row per delivery, taken by one sender, never replayed when its fate is unknown."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reports.delivery.errors import JournalError
from reports.delivery.store import Store
from reports.journal import BACKOFF_MINUTES, Claim, DeliveryState, Journal, Key
from tests.reports.delivery.conftest import Clock

KEY = Key("director_daily", "2026-03-31", "email", "director@example.ru")


@pytest.fixture
def journal(tmp_path: Path, clock: Clock) -> Iterator[Journal]:
    with Journal(tmp_path, clock) as found:
        yield found


def claimed(journal: Journal, key: Key = KEY, *, force: bool = False) -> Claim:
    claim = journal.claim(key, force=force)
    assert claim is not None
    return claim


def at_once(count: int, run: Callable[[threading.Barrier], None]) -> None:
    """Runs it in threads that meet at the barrier; what one of them raises is raised here."""
    start = threading.Barrier(count)
    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(run, start) for _ in range(count)]:
            done.result()


def state(journal: Journal, key: Key = KEY) -> str:
    found = journal.find(key)
    assert found is not None
    return found.state


def test_a_delivery_is_sending_before_anything_else(journal: Journal) -> None:
    claimed(journal)
    assert state(journal) == "sending"


@pytest.mark.parametrize("final", ["sent", "partial", "unknown"])
def test_what_is_over_is_not_taken_again_but_by_force(journal: Journal, final: DeliveryState) -> None:
    journal.finish(claimed(journal), final)
    assert journal.claim(KEY) is None
    journal.finish(claimed(journal, force=True), "sent")
    found = journal.find(KEY)
    assert found is not None
    assert (found.state, found.forced) == ("sent", 1)


def test_a_skipped_delivery_has_its_reason_and_stays(journal: Journal) -> None:
    assert journal.skip(KEY, "empty")
    assert not journal.skip(KEY, "another reason")
    assert journal.claim(KEY) is None
    assert journal.recent()[0].reason == "empty"


def test_a_refused_delivery_waits_longer_each_time_and_is_given_up(journal: Journal, clock: Clock) -> None:
    for minutes in BACKOFF_MINUTES:
        journal.finish(claimed(journal), "failed", "refused", retry=True)
        assert journal.claim(KEY) is None
        clock.move(minutes=minutes, seconds=-1)
        assert journal.claim(KEY) is None
        clock.move(seconds=1)
        assert journal.waiting() == [KEY]
    found = journal.finish(claimed(journal), "failed", "refused", retry=True)
    assert found.next_try_at is None
    assert journal.claim(KEY) is None


def test_the_other_sides_wait_is_kept_when_it_is_longer(journal: Journal, clock: Clock) -> None:
    journal.finish(claimed(journal), "failed", "429", retry=True, wait=3600)
    clock.move(minutes=59)
    assert journal.claim(KEY) is None
    clock.move(minutes=1)
    assert journal.claim(KEY) is not None


def test_a_live_senders_delivery_is_its_own_even_by_force(journal: Journal, tmp_path: Path, clock: Clock) -> None:
    claimed(journal)
    with Journal(tmp_path, clock) as other:
        assert other.claim(KEY) is None
        assert other.claim(KEY, force=True) is None
        assert other.waiting() == []
        assert other.sweep() == []


@pytest.mark.parametrize(("begun", "done", "taken_over"), [(0, 0, True), (1, 0, False), (1, 1, True), (2, 1, False)])
def test_a_dead_senders_delivery_goes_on_between_steps_and_is_unknown_within_one(
    tmp_path: Path, clock: Clock, begun: int, done: int, taken_over: bool
) -> None:
    dead = Journal(tmp_path, clock)
    claim = claimed(dead)
    for step in range(max(begun, done)):
        claim.begin(step)
        if step < done:
            claim.confirm(step)
    dead.close()
    with Journal(tmp_path, clock) as other:
        found = other.claim(KEY)
        if taken_over:
            assert found is not None
            assert found.done == done
        else:
            assert found is None
            assert state(other) == "unknown"


def test_an_unknown_fate_is_shown_without_anybody_claiming(tmp_path: Path, clock: Clock) -> None:
    dead = Journal(tmp_path, clock)
    claimed(dead).begin(0)
    dead.close()
    with Journal(tmp_path, clock) as other:
        assert [lost.key for lost in other.sweep()] == [KEY]
        assert other.sweep() == []


def test_of_many_senders_at_once_one_gets_each_delivery(tmp_path: Path, clock: Clock) -> None:
    keys = [Key("r", str(number), "email", "a@b") for number in range(20)]
    got: list[Key] = []

    def run(start: threading.Barrier) -> None:
        with Journal(tmp_path, clock) as journal:
            start.wait(60)
            for key in keys:
                claim = journal.claim(key)
                if claim is not None:
                    got.append(key)
                    journal.finish(claim, "sent")

    at_once(4, run)
    assert sorted(got, key=str) == sorted(keys, key=str)


def test_many_may_open_a_file_that_is_not_there_yet(tmp_path: Path, clock: Clock) -> None:
    # without a turn for each, one folder in 40 met «database is locked» on 2 cores
    for number in range(100):
        folder = tmp_path / str(number)

        def run(start: threading.Barrier, folder: Path = folder) -> None:
            start.wait(60)
            Journal(folder, clock).close()

        at_once(4, run)


def test_a_sender_that_lost_its_claim_cannot_write_over_the_new_owner(tmp_path: Path, clock: Clock) -> None:
    first = Journal(tmp_path, clock)
    old = claimed(first)
    first.close()
    with Journal(tmp_path, clock) as second:
        second.finish(claimed(second), "sent")
        first.finish(old, "failed", "late")
        assert state(second) == "sent"


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    Store(tmp_path / "journal.sqlite", ("create table a (b int)", "create table c (d int)"))
    with pytest.raises(JournalError, match="newer skvoz"):
        Journal(tmp_path)


def test_the_file_belongs_to_its_owner_alone(journal: Journal) -> None:
    assert journal.store.path.stat().st_mode & 0o077 == 0
