"""Questions: one SQL file each under queries/<area>/, over the published marts only, with $parameters.

What several questions of an area share stands once, in a file `_<part>.sql` beside them: `({_part of _rows})` is that part as a subquery,
with the part `_rows` where it says `({rows})`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reports.errors import QuestionError

QUERIES = Path(__file__).parent / "queries"
_PARAMETER = re.compile(r"\$([a-z_][a-z0-9_]*)")
_TABLE = re.compile(r"\bmarts\.([a-z_][a-z0-9_]*)")
_MOST = re.compile(r"\blimit (\d+)\s*$")
_COMMENT = re.compile(r"--[^\n]*")
_PART = re.compile(r"\{(_[a-z_]+) of (_[a-z_]+)\}")


@dataclass(frozen=True)
class Question:
    """A question as its file states it.

    Attributes:
        name: `<area>/<question>`, the file's path without its ending.
        sql: the statement.
        parameters: the names it binds.
        tables: the published tables it reads, without their schema.
        most: how many rows it lists at most, where its file and not the one who asks says so.
    """

    name: str
    sql: str
    parameters: frozenset[str]
    tables: frozenset[str]
    most: int | None = None

    def is_cut(self, rows: int, params: Mapping[str, object]) -> bool:
        """Whether there may be more than the rows it gave; who asks for one row wants no list."""
        most = params.get("limit") if "limit" in self.parameters else self.most
        return isinstance(most, int) and 1 < most <= rows


@cache
def load_question(name: str) -> Question:
    """Reads a question's file once per process.

    Raises:
        QuestionError: if there is no such file.
    """
    path = QUERIES / f"{name}.sql"
    if not re.fullmatch(r"[a-z_]+/[a-z][a-z_]*", name) or not path.is_file():
        msg = f"There is no question {name!r} under reports/queries; the nearest folder lists those that exist."
        raise QuestionError(msg)
    sql = _PART.sub(lambda found: _part(path, found[1]).replace("{rows}", _part(path, found[2])), path.read_text(encoding="utf-8").strip())
    bare = _COMMENT.sub("", sql)
    most = _MOST.search(bare)
    return Question(name, sql, frozenset(_PARAMETER.findall(bare)), frozenset(_TABLE.findall(bare)), int(most[1]) if most else None)


def _part(question: Path, name: str) -> str:
    return question.with_name(f"{name}.sql").read_text(encoding="utf-8").strip()


def all_questions() -> list[Question]:
    """Every question, by name."""
    return [load_question(path.relative_to(QUERIES).with_suffix("").as_posix()) for path in sorted(QUERIES.glob("*/[!_]*.sql"))]
