"""The company as it stood at the end of an earlier day: what a build for that day may know of it.

Records dated later are not there yet, stages entered later are not entered. Attributes without a history (names, amounts, managers, which
order names which deal) stay as they are now.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from ingestion.sandbox.clock import at
from ingestion.sandbox.company import Company
from ingestion.sandbox.sales import Deal, Task
from ingestion.sandbox.trade import Payment


def as_seen(company: Company, day: date) -> Company:
    """The company at the end of the day: of the company's own day in the CRMs, of the day that is written on a document in the books."""
    end = at(day + timedelta(days=1))
    kinds = {(one.system, one.id, stage.id): stage.kind for one in company.pipelines for stage in one.stages}

    def deal_then(deal: Deal) -> Deal:
        entries = tuple(entry for entry in deal.entries if entry.at < end)
        kind = kinds[deal.system, entries[-1].pipeline_id, entries[-1].stage_id]
        status = kind if kind in ("won", "lost") else "open"
        moment = entries[-1].at if status != "open" else None
        closed = deal.closed_at if deal.closed_at is not None and deal.closed_at < end and status == deal.status else moment
        return replace(
            deal, entries=entries, pipeline_id=entries[-1].pipeline_id, stage_id=entries[-1].stage_id, status=status, closed_at=closed
        )

    return replace(
        company,
        today=day + timedelta(days=1),
        deals=tuple(deal_then(one) for one in company.deals if one.created_at < end),
        leads=tuple(one for one in company.leads if one.created_at < end),
        calls=tuple(one for one in company.calls if one.started_at < end),
        tasks=tuple(_task_then(one, end) for one in company.tasks if one.created_at < end),
        activities=tuple(one for one in company.activities if one.at < end),
        orders=tuple(one for one in company.orders if one.at.date() <= day),
        shipments=tuple(one for one in company.shipments if one.at.date() <= day),
        returns=tuple(one for one in company.returns if one.at.date() <= day),
        payments=tuple(one for one in company.payments if _money_day(one) <= day),
        receipts=tuple(one for one in company.receipts if one.at.date() <= day),
        reports=tuple(one for one in company.reports if one.at.date() <= day),
        corrections=tuple(one for one in company.corrections if one.at.date() <= day),
        claims=tuple(one for one in company.claims if one.at.date() <= day),
        campaign_days=tuple(one for one in company.campaign_days if one.day <= day),
    )


def _task_then(task: Task, end: datetime) -> Task:
    return replace(task, completed_at=None) if task.completed_at is not None and task.completed_at >= end else task


def _money_day(payment: Payment) -> date:
    return payment.bank_on or payment.at.date()
