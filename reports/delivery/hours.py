"""The hours in which a delivery may arrive, by its row in the journal: what is tried again must not ring at night either."""

from zoneinfo import ZoneInfo

from reports.alerts_state import AlertState
from reports.delivery.office import Office
from reports.delivery.recipients import resolve
from reports.due import parse_hours
from reports.errors import ReportsError
from reports.journal import Key
from reports.settings import Subscription

NOTICE = "notice:"
ALERT = "alert:"


def may_arrive(office: Office, key: Key) -> bool:
    """Whether the hours of a delivery have come; what only the administrator reads has none."""
    reports = office.settings.reports
    zone = office.settings.company.zone
    report = key.report.removeprefix(NOTICE)
    found: list[tuple[str, ZoneInfo]] = []
    if report.startswith(ALERT):
        state = AlertState(office.settings.warehouse.path / "state")
        hours = state.hours_of(report.removeprefix(ALERT), f"{key.channel}:{key.recipient}", key.period)
        found = [] if hours is None else [(hours, zone)]
    else:
        found = [
            (
                reports.send_hours if subscription.send_hours is None else subscription.send_hours,
                ZoneInfo(subscription.timezone) if subscription.timezone else zone,
            )
            for subscription in reports.subscriptions
            if subscription.report == report and _reaches(office, subscription, key)
        ]
    return not found or any(_hold(office, hours, place) for hours, place in found)


def _hold(office: Office, hours: str, zone: ZoneInfo) -> bool:
    try:
        return parse_hours(hours).hold(office.now(), zone)
    except ReportsError:
        return True  # hours that cannot be read are told to the administrator elsewhere


def _reaches(office: Office, subscription: Subscription, key: Key) -> bool:
    for text in subscription.to:
        try:
            recipients = resolve([text], office.people)
        except ReportsError:
            continue
        if any((recipient.channel, recipient.address) == (key.channel, key.recipient) for recipient in recipients):
            return True
    return False
