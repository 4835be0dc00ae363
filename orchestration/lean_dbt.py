"""dbt with a quarter less work, the same otherwise: `python lean_dbt.py ARGUMENTS…` does what `dbt ARGUMENTS…` does.

A small company's build takes 47 s of processors, most of them dbt's own. 7 of them go into taking every query that reads an inlined
model apart word by word (sqlparse), only to find where it begins; 4 into looking for garbage in a project that is hardly any, and so do
4 of the 18 s of a parse; 4 into lines of log that nobody logs; 2 into writing the manifest a second time. Nothing of the project is
imported here, and none of its modules is found in the place of one that dbt means.
"""

import atexit
import gc
import logging
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

# the beginning of a query that has named queries of its own, with what blanks and comments stand before it
_NAMED = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*with\b(?:\s+recursive\b)?\s*", re.IGNORECASE | re.DOTALL)


def hasten() -> None:
    """Replace those parts of dbt in this process, before its first command."""
    import dbt.cli.requires
    import dbt.compilation
    import dbt.task.runnable
    from dbt.tracking import track_behavior_change_warn
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager import EventManager

    make_ready, fire = dbt.cli.requires.setup_manifest, EventManager.fire_event

    def made_ready(*arguments: Any, **options: Any) -> None:
        gc.disable()
        try:
            make_ready(*arguments, **options)
        finally:
            gc.freeze()  # the project stays until the end
            gc.enable()

    def fired(manager: Any, e: Any, level: Any = None, **options: Any) -> None:
        is_detail = (level or e.level_tag()) == EventLevel.DEBUG and not options.get("force_warn_or_error_handling")
        loggers = [one._python_logger for one in manager.loggers if one._python_logger]
        listeners = [one for one in manager.callbacks if one is not track_behavior_change_warn]  # dbt's own, which hears of warnings alone
        if listeners or not is_detail or any(logger.isEnabledFor(logging.DEBUG) for logger in loggers):
            fire(manager, e, level, **options)

    dbt.cli.requires.setup_manifest = made_ready
    dbt.compilation.inject_ctes_into_sql = with_named_queries
    # once more after a build: with the SQL of each model, which run_results.json and the folder beside it hold too
    dbt.task.runnable.write_manifest = lambda *_: None  # type: ignore[attr-defined]  # dbt's own import, replaced on purpose
    EventManager.fire_event = fired  # type: ignore[method-assign, assignment]  # replaced on purpose


def with_named_queries(sql: str, ctes: Sequence[Any]) -> str:
    """A query with the inlined models that it reads before its own named queries.

    Args:
        sql: the query.
        ctes: dbt's InjectedCTE, whose sql is ` name as (…)`.
    """
    if not ctes:
        return sql
    inlined = ", ".join(cte.sql for cte in ctes)
    named = _NAMED.match(sql)
    if named:
        return f"{named[0]}{inlined}, {sql[named.end() :]}"
    query = sql.lstrip()
    return f"{sql[: len(sql) - len(query)]}with{inlined} {query}"


def main() -> NoReturn:
    """Run dbt; ends the process with dbt's own exit code."""
    if Path(sys.path[0]) == Path(__file__).parent:
        del sys.path[0]
    from dbt.cli.main import cli

    hasten()
    try:
        cli(standalone_mode=True)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    leave(code)


def leave(code: int) -> NoReturn:
    """End this process without taking the interpreter apart, at which DuckDB's binding prints 50 lines on what it still held."""
    atexit._run_exitfuncs()  # dbt closes the warehouse there
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
