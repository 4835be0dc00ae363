"""What spares dbt work leaves its queries as they are."""

from types import SimpleNamespace

import pytest

from orchestration.lean_dbt import with_named_queries

INLINED = [SimpleNamespace(sql=" a as (\nselect 1\n)"), SimpleNamespace(sql=" b as (\nselect 2\n)")]
NAMED = " a as (\nselect 1\n),  b as (\nselect 2\n)"


@pytest.mark.parametrize(
    ("query", "whole"),
    [
        ("select 1", f"with{NAMED} select 1"),
        ("\n\n  (select 1) union all (select 2)", f"\n\n  with{NAMED} (select 1) union all (select 2)"),
        ("\n-- with a look at a\nselect * from a", f"\nwith{NAMED} -- with a look at a\nselect * from a"),
        ("withdrawn", f"with{NAMED} withdrawn"),
        ("\nwith c as (select 3) select * from c", f"\nwith {NAMED}, c as (select 3) select * from c"),
        (
            "/* two\nlines */ -- and one\n WITH\n  c as (select 3)\nselect",
            f"/* two\nlines */ -- and one\n WITH\n  {NAMED}, c as (select 3)\nselect",
        ),
        ("with recursive c as (select 3) select", f"with recursive {NAMED}, c as (select 3) select"),
        ("with/* three */c as (select 3) select", f"with{NAMED}, /* three */c as (select 3) select"),
    ],
)
def test_inlined_models_stand_before_the_querys_own(query: str, whole: str) -> None:
    """(As dbt puts them, blank for blank.)"""
    assert with_named_queries(query, INLINED) == whole
    assert with_named_queries(query, []) == query
