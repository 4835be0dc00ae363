"""Mail and Telegram tried with their real credentials, one line each; a test message only on request."""

from pathlib import Path

from reports.catalogue import find_report
from reports.delivery.compose import sentences
from reports.delivery.errors import DeliveryError
from reports.delivery.message import Message
from reports.delivery.office import Office
from reports.delivery.recipients import ChannelName, Recipient, objection, resolve
from reports.delivery.schedule import plan_of
from reports.delivery.send import deliver
from reports.errors import PublishedError, ReportsError
from reports.journal import Key
from reports.people import WHERE_KEYS_ARE
from reports.settings import Settings
from reports.wording import load_words

TEST = "test"
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
                lines += [
                    (where, False, f"{text} has no linked chat yet; run: skvoz user link {text.partition(':')[2]}")
                    for text in subscription.to
                    if not resolve([text], office.people)
                ]
                against = (objection(find_report(subscription.report), reader) for reader in resolve(subscription.to, office.people))
                lines += [(where, False, f"{why}; take it out of `to`, or change the person") for why in against if why]
            except ReportsError as error:
                lines.append((where, False, str(error)))
        lines += _blind_people(office)
        try:
            resolve(settings.reports.administrator, office.people)
        except ReportsError as error:
            lines.append(("reports.administrator", False, str(error)))
    return lines


def _blind_people(office: Office) -> list[Line]:
    """People whose scope names a manager or department that the publication does not know: they would get empty reports for ever."""
    try:
        published = office.published
    except PublishedError:
        return []
    everybody = published.query("managers/everybody")
    known = {"manager": {row["manager_key"] for row in everybody}, "department": {row["department"] for row in everybody}}
    return [
        (
            f"user {person.name}",
            False,
            f"sees nothing: there is no {person.scope.kind} {person.scope.value!r}; remove and add them anew with one of: {WHERE_KEYS_ARE}",
        )
        for person in office.people.everybody()
        if person.scope.kind != "all" and person.scope.value not in known[person.scope.kind]
    ]


def send_test(settings: Settings, base: Path, to: str) -> list[Line]:
    """Sends a test message of two lines to a recipient, now, and gives what became of it."""
    lines: list[Line] = []
    with Office(settings, base) as office:
        for recipient in resolve([to], office.people):
            moment = office.now().isoformat(timespec="microseconds")

            def make(recipient: Recipient = recipient, moment: str = moment) -> Message:
                subject = f"{settings.company.name}: skvoz"
                line = load_words(recipient.locale or settings.company.locale).text("delivery.test")
                return sentences(TEST, moment, subject, [line, moment[:16].replace("T", " ") + " UTC"], recipient, settings, office.now())

            found = deliver(office, Key(TEST, moment, recipient.channel, recipient.address), recipient, make).delivery
            state = "not sent" if found is None else " ".join((found.state, found.reason)).strip()
            lines.append((str(recipient), found is not None and found.state == "sent", state))
    return lines
