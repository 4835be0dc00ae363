"""Pages read one ahead of who takes them."""

import threading
from collections.abc import Iterator

import pytest

from ingestion.ahead import ahead


def test_the_next_step_is_made_while_a_page_is_taken_and_pages_keep_their_order() -> None:
    begun = [threading.Event() for _ in range(3)]

    def pages() -> Iterator[int]:
        for number in range(3):
            begun[number].set()
            yield number

    walk = ahead(pages())
    for number in range(3):
        assert next(walk) == number
        assert number == 2 or begun[number + 1].wait(10)


def test_an_error_comes_where_its_page_would_have_come() -> None:
    def pages() -> Iterator[int]:
        yield 1
        yield 2
        raise ConnectionError

    walk = ahead(pages())
    assert [next(walk), next(walk)] == [1, 2]
    with pytest.raises(ConnectionError):
        next(walk)


def test_who_stops_early_waits_for_the_step_under_way_and_begins_no_other() -> None:
    made: list[int] = []

    def pages() -> Iterator[int]:
        for number in range(1, 10):
            made.append(number)
            yield number

    walk = ahead(pages())
    assert next(walk) == 1
    walk.close()
    assert made == [1, 2]
