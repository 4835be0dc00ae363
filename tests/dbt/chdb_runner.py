"""Runs dbt on ClickHouse without a server, in a process of its own: the in-process interface of clickhouse-connect under dbt-clickhouse.

Called as `python chdb_runner.py <database folder> <answers file>` with a JSON list of steps on stdin: {"sql": statement},
{"dbt": arguments} or {"ask": query}; the rows of every query go to the answers file. The database lives in one process only, so all
steps do.
"""

import json
import sys
from pathlib import Path
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from dbt.cli.main import dbtRunner

# what profiles.yml sets on a real connection; dbt's own clients bring it themselves
_SETTINGS = {"join_use_nulls": 1}


def main() -> None:
    """Do the steps in turn; a failed one ends the process with its message."""
    folder, answers_file = sys.argv[1], Path(sys.argv[2])
    connect = clickhouse_connect.get_client

    def in_process(**options: Any) -> Client:
        return connect(interface="chdb", path=folder, settings=options.get("settings") or _SETTINGS)

    clickhouse_connect.get_client = in_process
    answers: list[list[list[str]]] = []
    for step in json.load(sys.stdin):
        if "dbt" in step:
            done = dbtRunner().invoke(step["dbt"])
            if not done.success:
                sys.exit(f"dbt {' '.join(step['dbt'][:6])} failed: {done.exception or 'see the log above'}")
            continue
        client = in_process()
        if "sql" in step:
            client.command(step["sql"])
        else:
            answers.append([[str(value) for value in row] for row in client.query(step["ask"]).result_rows])
        client.close()
    answers_file.write_text(json.dumps(answers, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
