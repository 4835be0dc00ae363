"""The weekly job of `[warehouse] forget_after_days`: the tick of its schedule leads to a run, and that run forgets."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import orjson
import pytest
import zstandard
from dagster import DagsterInstance, DefaultScheduleStatus, Definitions, ScheduleDefinition, build_schedule_context, instance_for_test

from ingestion import load
from ingestion.forgotten import Forgotten
from ingestion.rawzone import StreamZone
from ingestion.settings import Settings, load_settings
from ingestion.spec import Record
from ingestion.sync import opened_warehouse
from orchestration.definitions import build_definitions
from orchestration.home import WRITES, WRITES_TAG
from orchestration.publish import current_file, new_run_id, publish

CONFIG = """
[company]
name = "ООО Ромашка"
timezone = "Asia/Novosibirsk"

[warehouse]
forget_after_days = 365

[dbt]
project = "models_of_ours"

[sources.sales]
type = "amocrm"
url = "http://127.0.0.1:9"
token = "unused"
"""
# What forgetting reads, in place of our 200 models: it is the job that is tried.
PROJECT = {
    "dbt_project.yml": """
name: skvoz
profile: skvoz
models: {skvoz: {+materialized: table, intermediate: {+schema: intermediate}, marts: {+schema: marts}}}
""",
    "macros/generate_schema_name.sql": "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}",
    "models/intermediate/int_customer_cards.sql": """
select 'sales:contact:' || _key as card_key, _source as source, 'contact' as card_kind, payload ->> 'name' as customer_name,
    'person' as customer_type
from raw.amocrm__contacts
""",
    "models/intermediate/int_customer_identifiers.sql": """
select 'sales:contact:' || _key as card_key, 'phone' as identifier_kind, payload ->> 'phone' as identifier_value
from raw.amocrm__contacts
""",
    "models/intermediate/int_customer_links.sql": "select card_key, card_key as customer_key from {{ ref('int_customer_cards') }}",
    "models/marts/dim_customers.sql": "select card_key as customer_key, customer_name, customer_type from {{ ref('int_customer_cards') }}",
    "models/marts/fct_deals.sql": """
select 'sales:contact:' || _key as customer_key, (payload ->> 'last_deal')::timestamptz as created_at, null::timestamptz as closed_at
from raw.amocrm__contacts
""",
    "models/marts/fct_orders.sql": "select null::varchar as customer_key, null::date as order_date",
    "models/marts/fct_sales.sql": "select null::varchar as customer_key, null::date as sale_date",
    "models/marts/fct_payments.sql": "select null::varchar as customer_key, null::date as payment_date",
    "models/marts/fct_calls.sql": "select null::varchar as customer_key, null::timestamptz as started_at",
    "models/marts/fct_leads.sql": "select null::varchar as customer_key, null::timestamptz as created_at",
    "models/marts/fct_activities.sql": "select null::varchar as customer_key, null::timestamptz as occurred_at",
    "models/marts/fct_claims.sql": "select null::varchar as customer_key, null::date as registered_date, null::date as resolved_date",
    "models/marts/publication.sql": """
-- depends_on: {{ ref('dim_customers') }} {{ ref('fct_deals') }}
select null::varchar as run_id, null::timestamptz as published_at, date '2026-03-31' as as_of_date
""",
}
GONE, KEPT = ("Иванов Семён Петрович", "+79161234567"), ("Петров Пётр Ильич", "+79167654321")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two persons, one of whom has bought nothing for years; their marts are published."""
    (tmp_path / "skvoz.toml").write_text(CONFIG, encoding="utf-8")
    for name, text in PROJECT.items():
        path = tmp_path / "models_of_ours" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings = load_settings(tmp_path / "skvoz.toml")
    crm = settings.sources[0].source
    contacts = next(stream for stream in crm.streams if stream.name == "contacts")
    zone = StreamZone(settings.raw_dir, "sales", contacts)
    zone.open()
    days = ("2024-01-31", "2026-03-01")
    people = zip((GONE, KEPT), days, strict=True)
    zone.take([Record(str(n), {"name": name, "phone": phone, "last_deal": day}) for n, ((name, phone), day) in enumerate(people, start=1)])
    zone.checkpoint({"at": "now"})
    zone.flush()
    zone.close()
    with opened_warehouse(settings) as connection:
        load.load_stream(connection, settings.raw_dir, "sales", crm, contacts)
        load.mark_extracted(connection, "sales", "amocrm", "contacts")
        for schema in ("intermediate", "marts"):
            connection.execute(f"create schema {schema}")
        for name, text in PROJECT.items():
            if name.startswith("models/"):
                _, schema, file = name.split("/")
                lines = text.replace("{{ ref('int_customer_cards') }}", "intermediate.int_customer_cards").splitlines()
                body = "\n".join(line for line in lines if not line.startswith("--"))
                connection.execute(f"create table {schema}.{file.removesuffix('.sql')} as {body}")
    publish(settings, new_run_id(datetime(2026, 4, 1, 6, tzinfo=UTC)))
    return settings


def ticked(definitions: Definitions, instance: DagsterInstance) -> str:
    """The job that the schedule's tick of a Sunday asks for, in the way of Dagster's daemon; it needs no run configuration."""
    schedule = next(one for one in definitions.schedules or [] if one.name == "retention_schedule")
    assert isinstance(schedule, ScheduleDefinition)
    assert schedule.default_status is DefaultScheduleStatus.RUNNING, "nobody has to switch it on"
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 4 * * 0", "Asia/Novosibirsk")
    sunday = datetime(2026, 4, 5, 4, tzinfo=ZoneInfo("Asia/Novosibirsk"))
    asked = schedule.evaluate_tick(build_schedule_context(instance=instance, scheduled_execution_time=sunday)).run_requests
    assert asked is not None
    assert [request.run_config for request in asked] == [{}]
    assert schedule.job_name is not None
    return schedule.job_name


def people_in(settings: Settings) -> set[str]:
    """Who stands in what readers see."""
    current = current_file(settings.data_dir / "published")
    assert current is not None
    with duckdb.connect(str(current), read_only=True) as connection:
        return {row[0] for row in connection.execute("select customer_name from marts.dim_customers").fetchall()}


def test_the_tick_of_a_sunday_forgets_who_was_not_seen_for_the_term(settings: Settings) -> None:
    assert people_in(settings) == {GONE[0], KEPT[0]}
    definitions = build_definitions(settings)
    with instance_for_test(temp_dir=str(settings.base_dir)) as instance:
        job = definitions.resolve_job_def(ticked(definitions, instance))
        assert job.tags[WRITES_TAG] == WRITES, "it waits in the queue for the night's sweep"
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        log = [event.message for event in instance.all_logs(result.run_id)]
    assert result.success, log
    assert any(line.startswith("forgotten.") for line in log), log
    assert not [line for line in log if GONE[0] in line or GONE[1][2:] in line], "the log of the run tells nobody whom"
    left = people_in(settings)
    assert KEPT[0] in left
    assert GONE[0] not in left
    assert len(left) == 2, "the record stays, the person is gone from it"
    kept = Forgotten.read(settings.state_dir)
    assert kept is not None
    assert not kept.pending
    raw = b"".join(zstandard.ZstdDecompressor().decompress(path.read_bytes()) for path in settings.raw_dir.rglob("*.zst"))
    names = {orjson.loads(line)["payload"]["name"] for line in raw.splitlines()}
    assert KEPT[0] in names
    assert GONE[0] not in names
