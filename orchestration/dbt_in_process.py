"""dbt over ClickHouse's own engine in this process: `python dbt_in_process.py ARGUMENTS…`, the folder in SKVOZ_CHDB.

dbt-clickhouse knows servers only; its client, clickhouse-connect, knows the engine in process too. Of the project nothing is imported here
but what spares dbt work.
"""

import os
import sys
from typing import Any

FOLDER_VARIABLE = "SKVOZ_CHDB"


def main() -> int:
    """Run dbt with every connection of its adapter leading into the folder; dbt's own exit code."""
    import clickhouse_connect
    from dbt.cli.main import cli

    from orchestration.lean_dbt import hasten

    hasten()
    folder = os.environ[FOLDER_VARIABLE]
    connect = clickhouse_connect.get_client

    def in_process(**options: Any) -> Any:
        return connect(interface="chdb", path=folder, settings=options.get("settings"), query_limit=0)

    clickhouse_connect.get_client = in_process
    return int(cli(standalone_mode=True) or 0)


if __name__ == "__main__":
    sys.exit(main())
