"""Models, tests and shared macros are written in what both engines understand; what differs lives in macros/engine and nowhere else."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2] / "dbt_project"
ENGINE = PROJECT / "macros" / "engine"
FORBIDDEN = {
    "::": r"::",
    "try_cast": r"\btry_cast\s*\(",
    "list functions": r"\b(list|array|map|struct)_\w+\s*\(",
    "struct and list types": r"\b(struct|row)\s*\(|\bstruct_pack\b|\[\s*\d*\s*\]\s*::",
    "unnest": r"\bunnest\s*\(",
    "date_diff": r"\b(date_diff|datediff|datesub|date_sub|date_add|date_part|date_trunc|datetrunc)\s*\(",
    "interval": r"\binterval\s+('|\d)|\bto_(days|months|seconds|years)\s*\(",
    "json operators": r"->>|->'|\bjson_(extract|transform|value|array)\w*\s*\(",
    "regular expressions": r"\bregexp_\w+\s*\(|~\s*'|\bsimilar to\b",
    "aggregates": r"\b(string_agg|listagg|arg_min|arg_max|max_by|min_by|median|quantile_cont|bool_or|bool_and|any_value|mode)\s*\(",
    "ilike and glob": r"\bglob\b",
    "strptime": r"\b(strptime|strftime|make_date|epoch|to_timestamp|timezone)\s*\(",
    "star tricks": r"\*\s*(exclude|replace|except)\b|\bcolumns\s*\(",
    "group by all": r"\b(group|order)\s+by\s+all\b",
    "asof and lateral": r"\b(asof|lateral|positional)\s+join\b",
    "values list": r"\bfrom\s*\(\s*values\b",
    "read functions": r"\bread_\w+\s*\(",
    # Latin letters only there, NULL if one part is, to the even neighbour
    "case of letters": r"\b(lower|upper)\s*\(",
    "concat_ws": r"\bconcat_ws\s*\(",
    "round": r"\bround\s*\(",
}
FILES = sorted(
    path
    for folder in ("models", "macros", "tests")
    for path in (PROJECT / folder).rglob("*.sql")
    if not path.is_relative_to(ENGINE) and "target" not in path.parts
)


def plain_sql(text: str) -> str:
    """The SQL of a file without what Jinja replaces and without comments, so that a macro's call is no engine's function."""
    text = re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}", " ", text, flags=re.DOTALL)
    return re.sub(r"--[^\n]*", " ", text).lower()


def engine_only_forms(text: str) -> list[str]:
    """Names of the forbidden forms in a file's SQL."""
    sql = plain_sql(text)
    return [name for name, pattern in FORBIDDEN.items() if re.search(pattern, sql)]


def test_the_search_finds_what_it_looks_for() -> None:
    """An engine-only form is seen; a macro of the same name, a comment and a text in Jinja are not."""
    assert engine_only_forms("select x::date, list_sort(y), date_diff('day', a, b) from t") == ["::", "list functions", "date_diff"]
    assert engine_only_forms("select * exclude (a), unnest(b), try_cast(c as date), d->>'e' from t group by all") == [
        "try_cast",
        "unnest",
        "json operators",
        "star tricks",
        "group by all",
    ]
    assert engine_only_forms("-- median(x)\nselect {{ median('x') }}, {{ any_true('a::b') }} {# unnest(x) #} from t") == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_model_uses_no_form_of_one_engine(path: Path) -> None:
    """A form that only DuckDB knows breaks the build of the company that outgrew one machine."""
    assert engine_only_forms(path.read_text(encoding="utf-8")) == []


def test_every_engine_macro_has_both_engines() -> None:
    """A macro that dispatches to DuckDB and has no ClickHouse twin (or default) is found when a model first meets it, far from here."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in ENGINE.glob("*.sql"))
    defined = set(re.findall(r"\{%-?\s*macro\s+(\w+)\(", text))
    dispatched = set(re.findall(r"adapter\.dispatch\('(\w+)'", text))
    missing = [
        f"{engine}__{name}"
        for name in sorted(dispatched)
        for engine in ("duckdb", "clickhouse")
        if f"{engine}__{name}" not in defined and f"default__{name}" not in defined
    ]
    assert missing == []
