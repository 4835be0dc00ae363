"""Questions: one SQL file each under queries/<area>/, over the published marts only, with $parameters.

What several questions of an area share stands once, in a file `_<part>.sql` beside them: `({_part of _rows})` is that part as a subquery,
with the part `_rows` where it says `({rows})`.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reports.errors import QuestionError

QUERIES = Path(__file__).parent / "queries"
_PARAMETER = re.compile(r"\$([a-z_][a-z0-9_]*)")
_TABLE = re.compile(r"\bmarts\.([a-z_][a-z0-9_]*)")
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
    """

    name: str
    sql: str
    parameters: frozenset[str]
    tables: frozenset[str]


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
    return Question(name, sql, frozenset(_PARAMETER.findall(bare)), frozenset(_TABLE.findall(bare)))


def _part(question: Path, name: str) -> str:
    return question.with_name(f"{name}.sql").read_text(encoding="utf-8").strip()


def all_questions() -> list[Question]:
    """Every question, by name."""
    return [load_question(path.relative_to(QUERIES).with_suffix("").as_posix()) for path in sorted(QUERIES.glob("*/[!_]*.sql"))]
