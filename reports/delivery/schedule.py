"""The subscriptions of skvoz.toml carried out: what is due now is sent, what must wait waits, what was refused is tried again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from reports.catalogue import find_report
from reports.delivery.compose import Order
from reports.delivery.cron import parse_cron
from reports.delivery.office import Office
from reports.delivery.recipients import Recipient, resolve
from reports.delivery.send import Outcome, retry_waiting, send_report, tell_administrator, tell_of_configuration
from reports.due import Due, Freshness, Plan, due, parse_hours
from reports.errors import PublishedError, ReportsError
from reports.journal import Key
from reports.periods import period_of
from reports.settings import Settings, Subscription


@dataclass(frozen=True)
class Task:
    """A subscription's occurrence that something is to be done about, and for whom."""

    subscription: Subscription
    due: Due
    recipients: tuple[Recipient, ...]


def plan_of(subscription: Subscription, settings: Settings) -> Plan:
    """A subscription as the reckoning of due times wants it.

    Raises:
        ReportsError: if its report, schedule or hours cannot be used.
    """
    report = find_report(subscription.report)
    cron = subscription.schedule or report.schedule
    parse_cron(cron)
    hours = settings.reports.send_hours if subscription.send_hours is None else subscription.send_hours
    return Plan(
        report=report.name,
        kind=report.period,
        cron=cron,
        zone=ZoneInfo(subscription.timezone) if subscription.timezone else settings.company.zone,
        company_zone=settings.company.zone,
        hours=parse_hours(hours),
        workdays_only=subscription.days == "workdays",
        paused=subscription.paused,
        paused_until=subscription.paused_until,
        deadline=timedelta(minutes=subscription.deadline_minutes),
        when_stale=subscription.when_stale,
    )


def freshness(office: Office) -> Freshness:
    """What the present publication reaches."""
    try:
        publication = office.published.publication
    except PublishedError:
        return Freshness(None, None)
    return Freshness(publication.as_of_date, publication.published_at)


def calendar(office: Office) -> Callable[[date], bool]:
    """The company's workdays as published; Monday to Friday where the calendar does not reach."""
    months: dict[date, dict[date, bool]] = {}

    def is_workday(day: date) -> bool:
        month = period_of("month", day).start
        if month not in months:
            try:
                rows = office.published.query("calendar/days", {"month": month})
            except PublishedError:
                rows = []
            months[month] = {row["date"]: bool(row["is_workday"]) for row in rows}
        return months[month].get(day, day.weekday() < 5)

    return is_workday


def tasks(office: Office) -> list[Task]:
    """What is to be done now: occurrences that may go out or must be given up, with the readers who have no final row yet."""
    known = freshness(office)
    is_workday = calendar(office)
    found = []
    for subscription in office.settings.reports.subscriptions:
        try:
            occurrence = due(plan_of(subscription, office.settings), office.now(), known, is_workday)
        except ReportsError as error:
            tell_of_configuration(office, f"reports.subscriptions of {subscription.report}", str(error))
            continue
        if occurrence is None or occurrence.action in ("wait_data", "wait_hours"):
            continue
        open_for = tuple(recipient for recipient in _recipients(office, subscription) if _is_open(office, occurrence, recipient))
        if open_for:
            found.append(Task(subscription, occurrence, open_for))
    return found


def _recipients(office: Office, subscription: Subscription) -> list[Recipient]:
    """Who a subscription is for; an address that cannot be read is told to the administrator and keeps nobody else waiting."""
    found: list[Recipient] = []
    for text in subscription.to:
        try:
            found += [recipient for recipient in resolve([text], office.people) if recipient not in found]
        except ReportsError as error:
            tell_of_configuration(office, f"reports.subscriptions of {subscription.report}, {text}", str(error))
    return found


def run_due(office: Office, only: str = "") -> list[Outcome]:
    """Does everything that is to be done now.

    Args:
        office: the batch.
        only: one report's name; all when empty, and then also what waits for another try.
    """
    outcomes = [] if only else retry_waiting(office)
    for task in tasks(office):
        if only and task.subscription.report != only:
            continue
        if task.due.action == "skip_stale":
            outcomes += _give_up(office, task)
            continue
        stale = task.due.action == "send_stale"
        order = Order(task.due.report, task.due.period, task.subscription.locale, stale=stale, pdf=task.subscription.pdf)
        outcomes += send_report(office, order, task.recipients, send_empty=task.subscription.send_empty)
    return outcomes


def _give_up(office: Office, task: Task) -> list[Outcome]:
    """Nothing goes out: the journal says why, and the administrator hears of it."""
    outcomes = []
    for recipient in task.recipients:
        key = Key(task.due.report, task.due.period.key, recipient.channel, recipient.address)
        if office.journal.skip(key, "no publication of that day by the deadline"):
            delivery = office.journal.find(key)
            if delivery is not None:
                tell_administrator(office, key, delivery)
            outcomes.append(Outcome(recipient, delivery))
    return outcomes


def _is_open(office: Office, occurrence: Due, recipient: Recipient) -> bool:
    delivery = office.journal.find(Key(occurrence.report, occurrence.period.key, recipient.channel, recipient.address))
    if delivery is None or delivery.state == "sending":
        return True
    return delivery.state == "failed" and delivery.next_try_at is not None and delivery.next_try_at <= office.now()
