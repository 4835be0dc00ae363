"""Comparing a mart with what it must be, so that a failure names the rows that differ."""

from collections.abc import Iterable

import polars as pl

_SHOWN = 8


def assert_same_rows(found: pl.DataFrame, wanted: pl.DataFrame, on: Iterable[str], *, near: float = 0.0) -> None:
    """Both frames hold the same keys, and equal values in every column of `wanted`.

    Args:
        found: the mart.
        wanted: what it must hold; its columns are compared.
        on: the columns that tell rows apart; NULL equals NULL.
        near: how far a floating-point column may be off; decimals and everything else are compared exactly.
    """
    keys = list(on)
    found = found.select(wanted.columns)
    missing = wanted.join(found, on=keys, how="anti", nulls_equal=True)
    assert missing.is_empty(), f"{missing.height} of {wanted.height} rows are missing:\n{missing.head(_SHOWN).rows(named=True)}"
    extra = found.join(wanted, on=keys, how="anti", nulls_equal=True)
    assert extra.is_empty(), f"{extra.height} rows are too many:\n{extra.head(_SHOWN).rows(named=True)}"
    assert found.height == wanted.height
    both = found.join(wanted, on=keys, how="inner", nulls_equal=True, suffix="_wanted")
    for column in wanted.columns:
        if column in keys:
            continue
        is_float = wanted.schema[column] in (pl.Float64, pl.Float32)
        same = (pl.col(column) - pl.col(f"{column}_wanted")).abs() <= near if is_float else pl.col(column) == pl.col(f"{column}_wanted")
        both_null = pl.col(column).is_null() & pl.col(f"{column}_wanted").is_null()
        wrong = both.filter(~(same.fill_null(value=False) | both_null)).select(*keys, column, f"{column}_wanted")
        assert wrong.is_empty(), f"{column} differs in {wrong.height} of {both.height} rows:\n{wrong.head(_SHOWN).rows(named=True)}"
