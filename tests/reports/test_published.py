"""The published file is found through CURRENT, opened read-only, and asked only what exists."""

import shutil
from datetime import UTC, date
from pathlib import Path

import duckdb
import pytest

from reports.errors import PublishedError, QuestionError
from reports.published import Published, resolve_current


def test_the_pointer_may_be_a_link_or_a_file_of_one_line(published: Published, tmp_path: Path) -> None:
    copy = tmp_path / published.path.name
    shutil.copy(published.path, copy)
    pointer = tmp_path / "CURRENT"
    pointer.symlink_to(copy.name)
    assert resolve_current(tmp_path) == copy
    pointer.unlink()
    pointer.write_text(f"{copy.name}\n", encoding="utf-8")
    assert resolve_current(tmp_path) == copy


def test_no_publication_and_a_dangling_pointer_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PublishedError, match=r"Nothing is published .* `skvoz run`"):
        Published.current(tmp_path)
    (tmp_path / "CURRENT").symlink_to("marts-gone.duckdb")
    with pytest.raises(PublishedError, match=r"marts-gone\.duckdb, which does not exist"):
        Published.current(tmp_path)


def test_a_file_that_is_no_publication_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.duckdb").write_text("not a database", encoding="utf-8")
    duckdb.connect(str(tmp_path / "bare.duckdb")).close()
    for name in ("text.duckdb", "bare.duckdb"):
        with pytest.raises(PublishedError, match="cannot be read as a publication"):
            Published(tmp_path / name)


def test_it_tells_what_it_is(published: Published) -> None:
    publication = published.publication
    assert published.version == "marts-20260401T050000Z"
    assert publication.as_of_date == date(2026, 3, 31)
    assert publication.published_at.astimezone(UTC).hour == 5


@pytest.mark.parametrize(
    "sql",
    [
        "insert into published.marts.dim_managers (manager_key) values ('x')",
        "select * from read_csv('/etc/hostname')",
        "copy marts.dim_managers to '/tmp/stolen.csv'",
        "attach '/tmp/other.duckdb' as other",
    ],
)
def test_readers_can_neither_write_nor_reach_other_files(published: Published, sql: str) -> None:
    with pytest.raises(QuestionError):
        published.select(sql)


def test_questions_say_what_is_missing(published: Published) -> None:
    with pytest.raises(QuestionError, match=r"needs the parameter\(s\) from_date, to_date"):
        published.query("revenue/totals")
    with pytest.raises(QuestionError, match="There is no question"):
        published.query("../settings")
    with pytest.raises(QuestionError, match="reads cash_flow_daily"):
        published.query("cash/flow", {"from_date": date(2026, 1, 1), "to_date": date(2026, 1, 2)})


def test_a_file_from_before_an_upgrade_says_what_to_run(published: Published) -> None:
    with pytest.raises(QuestionError, match=r'lacks a column .*"days_in_space".*run `skvoz build`\.$'):
        published.select("select days_in_space from marts.fct_orders")


def test_values_are_bound_never_pasted(published: Published) -> None:
    rows = published.select("select $value as value", {"value": "'; drop schema marts; --"})
    assert rows == [{"value": "'; drop schema marts; --"}]
