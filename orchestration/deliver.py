"""Deliveries and alerts in Dagster: one asset per subscribed report, one for alerts, and the sensor that sees what is due.

What is due, waits or was sent before is reckoned and journalled in reports; nothing here decides it, so a run started by hand, a
rerun and a backfill send nothing twice.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster
from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSelection,
    AssetSpec,
    DagsterEventType,
    DagsterInstance,
    DagsterRunStatus,
    MaterializeResult,
    RunRequest,
    RunsFilter,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
)

from ingestion.settings import Settings
from orchestration.history import forget_old_runs
from orchestration.home import WRITES, WRITES_TAG
from orchestration.liveness import bury_dead_runs, mark
from orchestration.runlog import RunLog
from orchestration.translator import PUBLICATION_KEY
from reports.alerts import Alert, due_notices, flush, load_alerts, readings_changed, run_alerts
from reports.delivery.office import Office
from reports.delivery.schedule import run_due, tasks
from reports.delivery.send import Outcome, retry_waiting, retryable, tell_of_configuration, tell_of_run
from reports.errors import SettingsError
from reports.settings import Settings as ReaderSettings
from reports.settings import load_settings as load_reader_settings

GROUP = "deliveries"
ALERTS_KEY = AssetKey(["deliveries", "alerts"])
RETRIES_KEY = AssetKey(["deliveries", "retries"])
SENSOR_SECONDS = 60
UNDER_WAY = [DagsterRunStatus.QUEUED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]

_CLASS = re.compile(r"^[\w.]+(?:Error|Failure): ")

OpenOffice = Callable[[], Office]


def delivery_key(report: str) -> AssetKey:
    """Key of a report's deliveries: [deliveries, report]."""
    return AssetKey(["deliveries", report])


def open_office(settings: Settings) -> Office:
    """The office of a company, with its real wires."""
    return Office(load_reader_settings(settings.file), settings.base_dir)


def build_delivery_assets(settings: Settings, office: OpenOffice | None = None) -> list[AssetsDefinition]:
    """One asset per subscribed report, made by one factory, and one for what waits for another try or for its hours.

    Args:
        settings: skvoz.toml.
        office: opens the batch; the real one if not given.
    """
    opened = office or (lambda: open_office(settings))
    reports = sorted({subscription.report for subscription in _readers(settings).reports.subscriptions})
    return [*(_report_asset(report, opened) for report in reports), _retries_asset(settings, opened)]


def build_alerts_asset(settings: Settings, office: OpenOffice | None = None) -> AssetsDefinition:
    """Alerts: reckoned after each publication, in the run that made it."""
    opened = office or (lambda: open_office(settings))
    spec = AssetSpec(ALERTS_KEY, deps=[PUBLICATION_KEY], group_name="alerts", kinds={"python"}, skippable=True)

    @dagster.multi_asset(name="alerts", specs=[spec])
    def alerts(run_log: dagster.ResourceParam[RunLog]) -> Iterator[MaterializeResult[Any]]:
        with opened() as batch:
            rules = load_alerts(settings.file)
            if not rules:
                return
            outcomes = run_alerts(batch, rules)
        _tell(run_log, outcomes)
        yield MaterializeResult(asset_key=ALERTS_KEY, metadata=_counts(outcomes))

    return alerts


def build_delivery_sensor(settings: Settings, job: Any) -> SensorDefinition:
    """Every minute: asks what is due and starts a run for just those reports, unless one is under way; two at once meet in the journal.

    Args:
        settings: skvoz.toml.
        job: the job over delivery_selection(), as define_asset_job gives it.
    """

    @dagster.sensor(
        name="deliveries_sensor",
        job=job,
        minimum_interval_seconds=SENSOR_SECONDS,
        default_status=dagster.DefaultSensorStatus.RUNNING,
    )
    def deliveries_sensor(context: SensorEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        bury_dead_runs(context.instance)  # a dead run would keep the queue closed
        forget_old_runs(context.instance, settings.runs.keep_days)
        if context.instance.get_runs_count(RunsFilter(job_name=job.name, statuses=UNDER_WAY)):
            # on a busy machine a run takes longer to start than a minute, and each tick would queue another for the same reports
            yield SkipReason("the run of an earlier minute is still under way")
            return
        with open_office(settings) as batch:
            reason = failing_runs(context.instance)
            if reason:
                tell_of_run(batch, "refresh", reason)
            keys = [delivery_key(task.subscription.report) for task in tasks(batch)]
            # a system that is down brings no publication: what alerts say of readings is looked after here
            if retryable(batch) or due_notices(batch) or readings_changed(batch, _alerts(settings, batch)):
                keys.append(RETRIES_KEY)
        if not keys:
            yield SkipReason("nothing is due")
            return
        yield RunRequest(asset_selection=sorted(set(keys), key=lambda key: tuple(key.path)))

    return deliveries_sensor


def failing_runs(instance: DagsterInstance) -> str:
    """Why the newest run that was to publish failed, if the one before it failed too; empty otherwise.

    One failed run is mended by the next, and a system that is down is the alert source_down.
    """
    ended = RunsFilter(tags={WRITES_TAG: WRITES}, statuses=[DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE])
    records = instance.get_run_records(ended, limit=2)
    if len(records) < 2 or any(record.dagster_run.status != DagsterRunStatus.FAILURE for record in records):
        return ""
    run = records[0].dagster_run
    for entry in instance.all_logs(run.run_id, of_type=DagsterEventType.STEP_FAILURE):
        error = entry.dagster_event.step_failure_data.error if entry.dagster_event else None
        while error is not None and error.cause is not None:
            error = error.cause
        if error is not None:
            return _CLASS.sub("", error.message.strip())
    return f"{run.job_name} failed; its log is in Dagster's UI ({run.run_id})"


def delivery_selection() -> AssetSelection:
    """The assets that the sensor's job runs, and that refresh and nightly leave out."""
    return AssetSelection.groups(GROUP)


def _readers(settings: Settings) -> ReaderSettings:
    return load_reader_settings(settings.file)


def _alerts(settings: Settings, batch: Office) -> tuple[Alert, ...]:
    """The alerts; a file that cannot be read is told to the administrator and keeps no report back."""
    try:
        return load_alerts(settings.file)
    except SettingsError as error:
        tell_of_configuration(batch, "alerts", str(error))
        return ()


def _report_asset(report: str, opened: OpenOffice) -> AssetsDefinition:
    spec = AssetSpec(delivery_key(report), deps=[PUBLICATION_KEY], group_name=GROUP, kinds={"python"})

    @dagster.multi_asset(name=f"deliver_{report}", specs=[spec])
    def deliver_report(context: AssetExecutionContext, run_log: dagster.ResourceParam[RunLog]) -> Iterator[MaterializeResult[Any]]:
        mark(context.instance, context.run.run_id)
        with opened() as batch:
            outcomes = run_due(batch, report)
        _tell(run_log, outcomes)
        yield MaterializeResult(asset_key=delivery_key(report), metadata=_counts(outcomes))

    return deliver_report


def _retries_asset(settings: Settings, opened: OpenOffice) -> AssetsDefinition:
    spec = AssetSpec(RETRIES_KEY, group_name=GROUP, kinds={"python"})

    @dagster.multi_asset(name="retry_deliveries", specs=[spec])
    def retry_deliveries(context: AssetExecutionContext, run_log: dagster.ResourceParam[RunLog]) -> Iterator[MaterializeResult[Any]]:
        mark(context.instance, context.run.run_id)
        with opened() as batch:
            outcomes = retry_waiting(batch)
            changed = readings_changed(batch, _alerts(settings, batch))
            outcomes += run_alerts(batch, changed) if changed else flush(batch)
        _tell(run_log, outcomes)
        yield MaterializeResult(asset_key=RETRIES_KEY, metadata=_counts(outcomes))

    return retry_deliveries


def _tell(run_log: RunLog, outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.delivery is not None:
            key, state, reason = outcome.delivery.key, outcome.delivery.state, outcome.delivery.reason
            # what follows the question mark of a webhook may be its password
            recipient = str(outcome.recipient).partition("?")[0]
            run_log.say(f"{key.report} of {key.period} to {recipient}: {state}{f' ({reason})' if reason else ''}")


def _counts(outcomes: list[Outcome]) -> Mapping[str, int]:
    states = [outcome.delivery.state for outcome in outcomes if outcome.delivery is not None]
    return {state: states.count(state) for state in sorted(set(states))}
