"""Builds three models in chDB and prints their rows: `python clickhouse_build.py FOLDER`.

dbt-clickhouse asks clickhouse-connect for a client by HTTP; here it is given the in-process engine instead.
"""

import sys
from pathlib import Path
from typing import Any

import clickhouse_connect
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MODELS = {
    "stg_yandex_direct__campaign_costs": (
        "select cost_date, campaign_id, campaign_name, impressions, clicks, cost, include_vat, _uncast_fields"
        " from staging.stg_yandex_direct__campaign_costs order by _key"
    ),
    "int_exchange_rate_ranges": "select * from intermediate.int_exchange_rate_ranges order by 1, 2",
    "int_campaign_costs": "select * from intermediate.int_campaign_costs order by 1, 2",
}
TABLES = (
    "create table raw.yandex_direct__campaign_costs (_source String, _key String, _modified_at Nullable(DateTime64(6, 'UTC')),"
    " _loaded_at DateTime64(6, 'UTC'), _load_id Int64, _file String, _deleted Bool, payload Nullable(String))"
    " engine = MergeTree order by (_source, _key)",
    "insert into raw.yandex_direct__campaign_costs values"
    """ ('ads', '1', null, now(), 1, '', false, '{"Date": "2026-03-01", "CampaignId": "1", "CampaignName": "Бренд", "Impressions": "10","""
    """ "Clicks": "--", "Cost": "12.50", "_include_vat": "YES"}'),"""
    """ ('ads', '2', null, now(), 1, '', false, '{"Date": "32.01", "CampaignId": "1", "CampaignName": "Бренд", "Impressions": "10","""
    """ "Clicks": "2", "Cost": "12.50", "_include_vat": "NO"}'),"""
    " ('ads', '3', null, now(), 1, '', true, null)",
    "create table intermediate.int_currency_rates (currency_code String, rate_date Date32, rate_to_base Decimal(18, 8))"
    " engine = MergeTree order by rate_date",
    "insert into intermediate.int_currency_rates values ('USD', '2026-01-10', 80.5), ('USD', '2026-01-12', 81)",
    "create table intermediate.int_spreadsheet_campaigns (cost_date Date32, campaign_key String, source String,"
    " impressions Nullable(Int64), clicks Nullable(Int64), cost Decimal(18, 2), currency_code Nullable(String), include_vat Nullable(Bool))"
    " engine = MergeTree order by cost_date",
    "insert into intermediate.int_spreadsheet_campaigns values ('2026-03-02', 'typed:vk', 'typed', null, 7, 1, 'usd', false)",
    "create table seeds.vat_rates (country String, valid_from Date32, vat_rate Decimal(6, 4)) engine = MergeTree order by valid_from",
    "insert into seeds.vat_rates values ('RU', '2019-01-01', 0.20), ('RU', '2026-01-01', 0.22)",
)


def main(folder: Path) -> int:
    """Make the upstream tables, run the models, print the rows."""
    connect = clickhouse_connect.get_client

    def in_process(**options: Any) -> Any:
        settings = {**(options.get("settings") or {}), "join_use_nulls": 1}
        return connect(interface="chdb", path=str(folder / "chdb"), settings=settings, database=options.get("database") or "default")

    clickhouse_connect.get_client = in_process
    client = in_process()
    for name in ("raw", "staging", "intermediate", "seeds", "main"):
        client.command(f"create database {name}")
    for statement in TABLES:
        client.command(statement)
    client.close()
    arguments = ["--quiet", "run", "--select", *MODELS, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs"), "--threads", "1"]
    done = dbtRunner().invoke([*arguments, *places])
    if not done.success:
        sys.stdout.write(f"{done.exception or done.result}\n")
        return 1
    client = in_process()
    for table, query in MODELS.items():
        for row in client.query(query).result_rows:
            sys.stdout.write(f"row {table} {'|'.join(str(value) for value in row)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
