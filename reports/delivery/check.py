"""Mail and Telegram tried with their real credentials, one line each; nothing is sent."""

from pathlib import Path

from reports.delivery.errors import DeliveryError
from reports.delivery.office import Office
from reports.delivery.recipients import ChannelName, resolve
from reports.delivery.schedule import plan_of
from reports.errors import ReportsError
from reports.settings import Settings

Line = tuple[str, bool, str]


def check_channels(settings: Settings, base: Path) -> list[Line]:
    """(what, whether it works, what answered or what to do) for every wire that skvoz.toml describes and every subscription."""
    lines: list[Line] = []
    wires: list[ChannelName] = []
    if settings.email is not None:
        wires.append("email")
    if settings.telegram is not None:
        wires.append("telegram")
    with Office(settings, base) as office:
        for name in wires:
            office.release_channel(name)
            try:
                lines.append((name, True, office.channel(name).check()))
            except DeliveryError as error:
                lines.append((name, False, str(error)))
        for place, subscription in enumerate(settings.reports.subscriptions):
            where = f"reports.subscriptions[{place}]"
            try:
                plan_of(subscription, settings)
                for text in subscription.to:
                    if not resolve([text], office.people):
                        lines.append((where, False, f"{text} has no linked chat yet; run: skvoz user link {text.partition(':')[2]}"))
            except ReportsError as error:
                lines.append((where, False, str(error)))
        try:
            resolve(settings.reports.administrator, office.people)
        except ReportsError as error:
            lines.append(("reports.administrator", False, str(error)))
    return lines
