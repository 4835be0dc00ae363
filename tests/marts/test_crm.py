"""Deals, leads, stages and their history, calls and activities against the truth."""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from ingestion.sandbox import truth
from ingestion.sandbox.company_systems import SOURCE_NAMES
from ingestion.sandbox.sales import Stage
from tests.marts.comparing import assert_same_rows
from tests.marts.expected import MONEY, ZERO
from tests.marts.expected_crm import ExpectedCrm, truncated
from tests.marts.keys import key
from tests.marts.sandbox_warehouse import PublishedSandbox

MOMENT = pl.Datetime("us", "UTC")
NEAR = 1e-6


def test_every_living_deal_is_there_whole(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    rows = []
    for deal in crm.keys.live_deals:
        pipeline = crm.pipeline_of(deal)
        stage = next(one for one in pipeline.stages if one.id == deal.stage_id)
        campaign, channel = crm.origin(deal.origin)
        rows.append(
            {
                "deal_key": crm.keys.deal(deal),
                "source": SOURCE_NAMES[deal.system],
                "deal_id": str(deal.crm_id),
                "deal_name": deal.name,
                "pipeline_name": pipeline.name,
                "stage_key": crm.stage_key(pipeline, stage),
                "stage_name": stage.name,
                "deal_status": deal.status,
                "customer_key": crm.keys.deal_customer(deal),
                "manager_key": key("manager", deal.manager),
                "manager_at_close_key": key("manager", crm.manager_at_close(deal)),
                "campaign_key": campaign,
                "channel": channel,
                "amount": deal.amount,
                "currency_code": deal.currency,
                "amount_base": crm.amount_base(deal),
                "created_at": truncated(deal.created_at),
                "closed_at": truncated(deal.closed_at) if deal.closed_at else None,
                "loss_reason": (deal.loss_reason or None) if deal.status == "lost" else None,
            }
        )
    types = {"amount": MONEY, "amount_base": MONEY, "created_at": MOMENT, "closed_at": MOMENT}
    wanted = pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)
    found = published_sandbox.mart("fct_deals")
    assert_same_rows(found, wanted, ["deal_key"])
    assert set(found["source"]) == {"sales", "portal"}


def test_stages_stand_in_their_pipelines_own_order(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    rows = [
        {
            "stage_key": crm.stage_key(pipeline, stage),
            "source": SOURCE_NAMES[pipeline.system],
            "pipeline_id": str(pipeline.id),
            "pipeline_name": pipeline.name,
            "stage_id": stage.id,
            "stage_name": stage.name,
            "stage_position": crm.position(pipeline, stage),
            "stage_kind": "open" if stage.kind == "unsorted" else stage.kind,
        }
        for pipeline in published_sandbox.company.pipelines
        for stage in pipeline.stages
    ]
    wanted = pl.DataFrame(rows, schema_overrides={"stage_position": pl.Int32})
    assert_same_rows(published_sandbox.mart("dim_stages"), wanted, ["stage_key"])


def test_every_stay_in_a_stage_is_one_entry(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    rows = [
        {
            "deal_key": crm.keys.deal(visit.deal),
            "entry_number": visit.number,
            "stage_key": crm.stage_key(visit.pipeline, visit.stage),
            "entered_at": visit.entered_at,
            "left_at": visit.left_at,
            "hours_in_stage": crm.hours(visit),
            "is_current": visit.left_at is None,
        }
        for visits in crm.visits.values()
        for visit in visits
    ]
    types: dict[str, pl.DataType | type[pl.DataType]] = {"entry_number": pl.Int32, "entered_at": MOMENT, "left_at": MOMENT}
    wanted = pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)
    assert_same_rows(published_sandbox.mart("fct_deal_stage_entries"), wanted, ["deal_key", "entry_number"], near=NEAR)


def test_every_enquiry_is_counted_once(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    company = published_sandbox.company
    rows = []
    preceded = set()
    for lead in company.leads:
        if lead.system == "bitrix24":
            followed = crm.live(lead.deal)
            preceded.add(followed)
            campaign, channel = crm.origin(lead.origin)
            rows.append(("portal:lead:" + str(lead.crm_id), lead.status, truncated(lead.created_at), followed, channel, campaign))
        elif lead.system == "amocrm" and lead.status == "open":
            # the list names no source of its own: only the way it came in, and a form's page its marks
            campaign, channel = crm.origin(lead.origin) if lead.origin.utm_medium and lead.category != "call" else (None, None)
            rows.append((f"sales:unsorted:{lead.uid}", "open", truncated(lead.created_at), None, channel, campaign))
    for deal in crm.keys.live_deals:
        name = crm.keys.deal(deal)
        if name not in preceded:
            stage = next(one for one in crm.pipeline_of(deal).stages if one.id == deal.stage_id)
            campaign, channel = crm.origin(deal.origin)
            status = "open" if stage.kind == "unsorted" else "converted"
            rows.append((name, status, truncated(deal.created_at), name, channel, campaign))
    names: dict[str, pl.DataType | type[pl.DataType]] = {
        "lead_key": pl.String,
        "lead_status": pl.String,
        "created_at": MOMENT,
        "deal_key": pl.String,
        "channel": pl.String,
    }
    wanted = pl.DataFrame(rows, schema=names | {"campaign_key": pl.String}, orient="row")
    found = published_sandbox.mart("fct_leads")
    assert_same_rows(found, wanted.drop("channel", "campaign_key"), ["lead_key"])
    told = ~pl.col("lead_key").str.starts_with("sales:unsorted:") | pl.col("campaign_key").str.contains(":").fill_null(value=False)
    known = wanted.filter(told)
    assert_same_rows(found.join(known, on="lead_key", how="semi"), known, ["lead_key"])


def test_calls_with_their_returns(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    company = published_sandbox.company
    figures = {row["call"]: row for row in truth.calls(company).iter_rows(named=True)}
    rows = []
    for call in company.calls:
        customer, row = crm.call_customer(call), figures[call.number]
        number = 800_000_000 + call.number * 4 if call.system == "amocrm" else call.number
        rows.append(
            {
                "call_key": f"{SOURCE_NAMES[call.system]}:call:{number}",
                "started_at": truncated(call.started_at),
                "direction": call.direction,
                "phone": call.phone,
                "customer_key": customer,
                "manager_key": crm.call_manager(call, customer),
                "deal_key": crm.call_deal(call, customer),
                "is_answered": call.result == "answered",
                "is_missed": row["is_missed"],
                "callback_minutes": row["callback_minutes"],
                "is_lost": row["is_lost"],
            }
        )
    wanted = pl.DataFrame(rows, schema_overrides={"started_at": MOMENT, "callback_minutes": pl.Float64}, infer_schema_length=None)
    found = published_sandbox.mart("fct_calls")
    assert_same_rows(found, wanted, ["call_key"], near=NEAR)
    talked = sum(call.talk_seconds for call in company.calls if call.result == "answered")
    assert found.filter("is_answered")["talk_seconds"].sum() == talked
    assert found["is_lost"].sum() > 0


def test_activities_are_what_people_did(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    wanted = Counter(crm.work())
    columns = ["activity_type", "occurred_at", "deal_key", "manager_key", "source"]
    rows = published_sandbox.mart("fct_activities").select(columns).iter_rows()
    found = Counter((kind, moment, deal, manager, source) for kind, moment, deal, manager, source in rows)
    assert not (found - wanted), f"too many: {list((found - wanted).items())[:8]}"
    assert not (wanted - found), f"missing: {list((wanted - found).items())[:8]}"


def test_the_cohort_funnel(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    cells: dict[tuple[object, ...], dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for deal in crm.keys.live_deals:
        pipeline = crm.pipeline_of(deal)
        visits = [visit for visit in crm.visits[deal.number] if visit.pipeline == pipeline]
        alive = [(number, stage) for number, stage in enumerate(pipeline.stages, 1) if stage.kind != "lost"]
        furthest = max((visit.position for visit in visits if visit.stage.kind != "lost"), default=1)
        amount, channel = crm.funnel_amount(deal), crm.origin(deal.origin)[1]

        def cell(stage: Stage) -> dict[str, Any]:
            return cells[crm.cohort(deal), crm.stage_key(pipeline, stage), key("manager", deal.manager), channel]  # noqa: B023 used at once

        for number, stage in alive:
            if number == 1 or number <= furthest or deal.status == "won":
                cell(stage)["deals_reached"] += 1
                cell(stage)["amount_reached"] += amount
        standing = next(one for one in pipeline.stages if one.id == deal.stage_id)
        if deal.status == "lost":
            cell(standing)["deals_reached"] += 1
            cell(standing)["amount_reached"] += amount
            last = [visit.stage for visit in visits if visit.stage.kind != "lost"]
            cell(last[-1] if last else pipeline.stages[0])["deals_lost"] += 1
        if deal.status == "open":
            cell(standing)["deals_now"] += 1
            cell(standing)["amount_now"] += amount
        for visit in visits:
            cell(visit.stage)["stage_entries"] += 1
            cell(visit.stage)["hours_in_stage"] += crm.hours(visit) or 0.0
    names = ["cohort_month", "stage_key", "manager_key", "channel"]
    counts = ("deals_reached", "deals_now", "deals_lost", "stage_entries")
    rows = [
        dict(zip(names, place, strict=True))
        | {name: figures[name] for name in counts}
        | {name: Decimal(figures[name]) for name in ("amount_reached", "amount_now")}
        | {"hours_in_stage": float(figures["hours_in_stage"])}
        for place, figures in cells.items()
    ]
    found = published_sandbox.mart("sales_funnel")
    types = {name: kind for name, kind in found.schema.items() if name in rows[0]}
    assert_same_rows(found, pl.DataFrame(rows, schema=types), names, near=NEAR)
    assert found["deals_lost"].sum() > 0
    assert found["amount_now"].sum() > ZERO


def test_tasks_with_their_terms(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    company = published_sandbox.company
    rows = []
    for task in company.tasks:
        number = task.crm_id if task.system == "amocrm" else task.crm_id * 4
        done = truncated(task.completed_at) if task.completed_at else None
        name = f"{SOURCE_NAMES[task.system]}:task:{number}"
        rows.append((name, crm.live(task.deal), key("manager", task.manager), truncated(task.created_at), truncated(task.due_at), done))
    schema = {"task_key": pl.String, "deal_key": pl.String, "manager_key": pl.String}
    wanted = pl.DataFrame(rows, schema=schema | dict.fromkeys(("created_at", "due_at", "completed_at"), MOMENT), orient="row")
    found = published_sandbox.mart("fct_tasks").join(wanted, on="task_key", how="semi")
    assert_same_rows(found, wanted, ["task_key"])
    meetings = sum(one.kind == "meeting" for one in company.activities)
    assert published_sandbox.mart("fct_tasks").height == wanted.height + meetings


def test_loss_reasons_sum_the_lost_deals(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    lost: Counter[tuple[date, str | None]] = Counter()
    for row in published_sandbox.mart("fct_deals").filter(pl.col("deal_status") == "lost").iter_rows(named=True):
        lost[row["closed_at"].astimezone(published_sandbox.settings.zone).date().replace(day=1), row["loss_reason"]] += 1
    found: Counter[tuple[date, str | None]] = Counter()
    for month, reason, deals in published_sandbox.mart("loss_reasons").select("month", "loss_reason", "deals").iter_rows():
        found[month, reason] += deals
    assert found == lost
    assert sum(found.values()) == sum(deal.status == "lost" for deal in crm.keys.live_deals)
