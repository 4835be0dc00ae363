"""Numbers of a КД 2 file: what they stand for, in little memory, and what a damaged number costs."""

from __future__ import annotations

import tracemalloc
import uuid

from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.onec_kd2.numbers import NumberedKeys
from tests.ingestion.fuzzing import fuzzed


@fuzzed(50)
@given(
    st.lists(
        st.tuples(st.one_of(st.integers(0, 30).map(str), st.text(max_size=6), st.just("007")), st.one_of(st.uuids().map(str), st.text()))
    )
)
def test_the_last_key_of_every_number_is_kept_whatever_the_numbers_are(pairs: list[tuple[str, str]]) -> None:
    keys, plain = NumberedKeys(), {}
    for number, key in pairs:
        keys.put(number, key)
        plain[number] = key
    assert {number: keys.get(number) for number in plain} == plain
    assert keys.get("31") == ""


def test_a_hundred_thousand_numbers_take_few_bytes_and_a_damaged_one_none() -> None:
    tracemalloc.start()
    keys = NumberedKeys()
    for number in range(100_000):
        keys.put(str(number), str(uuid.UUID(int=number + 1)))
    keys.put("999999999999", str(uuid.UUID(int=7)))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 4_000_000
    assert keys.get("999999999999") == str(uuid.UUID(int=7))
    assert keys.get("99999") == str(uuid.UUID(int=100_000))
