"""The engine: takes a delivery in the journal, makes its message, hands it over, writes down what became of it."""

import logging
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reports.catalogue import find_report
from reports.delivery.compose import Order, compose, sentences
from reports.delivery.errors import AnswerLostError, ChannelStoppedError, RefusedError
from reports.delivery.failure_notice import failure_notice
from reports.delivery.hours import may_arrive
from reports.delivery.message import Message
from reports.delivery.office import Office
from reports.delivery.recipients import Recipient, objection, resolve
from reports.delivery.unsubscribe import unsubscribe_url
from reports.errors import ReportsError
from reports.formatting import Formatter
from reports.journal import Claim, Delivery, Key
from reports.periods import parse_period
from reports.wording import load_words

logger = logging.getLogger(__name__)

ADMINISTRATOR = "administrator"
TELL_AT_ATTEMPT = 3


@dataclass(frozen=True)
class Outcome:
    """What became of one delivery in this batch; `delivery` is None when there was nothing to do."""

    recipient: Recipient
    delivery: Delivery | None
    note: str = ""


def send_report(
    office: Office, order: Order, recipients: Iterable[Recipient], *, force: bool = False, send_empty: bool = False
) -> list[Outcome]:
    """Sends a report to every recipient who has not got it yet.

    Args:
        office: the batch.
        order: what to make.
        recipients: who for.
        force: also to those who have got it, or of whom nobody knows.
        send_empty: also when there is nothing to tell.
    """
    report = find_report(order.report)
    outcomes = []
    for recipient in recipients:
        key = Key(order.report, order.period.key, recipient.channel, recipient.address)
        against = objection(report, recipient) or office.standing.stopped(order.report, recipient.channel, recipient.address)
        if against and not force:
            outcomes.append(_leave_out(office, key, recipient, against))
            continue

        def make(recipient: Recipient = recipient) -> Message:
            link = unsubscribe_url(office.settings, order.report, recipient)
            return compose(order, recipient, office.published, office.settings, office.pictures, link)

        outcomes.append(deliver(office, key, recipient, make, force=force, send_empty=send_empty))
    return outcomes


def deliver(
    office: Office, key: Key, recipient: Recipient, make: Callable[[], Message], *, force: bool = False, send_empty: bool = True
) -> Outcome:
    """Carries one delivery as far as it goes now.

    Args:
        office: the batch.
        key: what the journal knows it by.
        recipient: who for.
        make: makes the message; asked only when the outbox has none.
        force: also when it was sent before.
        send_empty: also when there is nothing to tell.
    """
    claim = office.journal.claim(key, force=force)
    if claim is None:
        known = office.journal.find(key)
        return Outcome(recipient, None, f"{known.state} before" if known else "")
    if force:
        office.outbox.drop(claim.number)
    try:
        message = office.outbox.load(claim.number)
        if message is None:
            message = make()
            office.outbox.save(claim.number, message)
    except Exception as error:
        logger.exception("%s for %s could not be made", key.report, recipient)
        found = office.journal.finish(claim, "failed", _sentence(error), retry=True)
        tell_reader(office, key, recipient)
        tell_administrator(office, key, found, "".join(traceback.format_exception(error)))
        return Outcome(recipient, found)
    if message.state == "empty" and not send_empty:
        office.outbox.drop(claim.number)
        return Outcome(recipient, office.journal.finish(claim, "skipped", "empty"))
    found = _hand_over(office, claim, recipient, message)
    if found.next_try_at is None:
        office.outbox.drop(claim.number)
    if _worth_telling(found):
        failures = "\n".join(f"{block}: {reason}" for block, reason in message.failures)
        tell_administrator(office, key, found, failures)
    return Outcome(recipient, found)


def _hand_over(office: Office, claim: Claim, recipient: Recipient, message: Message) -> Delivery:
    address = office.standing.address(recipient.channel, recipient.address)
    finish = office.journal.finish
    try:
        office.channel(recipient.channel).deliver(message, address, claim)
    except ChannelStoppedError as error:
        found = finish(claim, "failed", str(error), retry=True)
        if office.stop_channel(recipient.channel, str(error)):
            stopped = Key("channel", f"{office.now():%Y-%m-%d}", recipient.channel, "*")
            tell_administrator(office, stopped, found)
        return found
    except AnswerLostError as error:
        return finish(claim, "unknown", str(error))
    except RefusedError as error:
        if error.blocked and office.standing.refused(recipient.channel, recipient.address):
            return finish(claim, "failed", f"{error} Nothing more is sent there: refused on three different days.")
        return finish(claim, "failed", str(error), retry=not error.final, wait=error.retry_after)
    except Exception as error:
        # one reader's message must not keep those after it from theirs
        logger.exception("%s for %s could not be handed over", claim.key.report, recipient)
        found = finish(claim, "unknown" if claim.is_on_its_way else "failed", _sentence(error), retry=not claim.is_on_its_way)
        tell_administrator(office, claim.key, found, "".join(traceback.format_exception(error)))
        return found
    office.standing.accepted(recipient.channel, recipient.address)
    if message.state == "partial":
        return finish(claim, "partial", f"{len(message.failures)} block(s) failed")
    return finish(claim, "sent", message.note)


def _leave_out(office: Office, key: Key, recipient: Recipient, reason: str) -> Outcome:
    """Notes that a delivery is not to be made; one that waits for another try is given up with it."""
    if not office.journal.skip(key, reason):
        claim = office.journal.claim(key)
        if claim is None:
            return Outcome(recipient, None, reason)
        office.outbox.drop(claim.number)
        office.journal.finish(claim, "skipped", reason)
    return Outcome(recipient, office.journal.find(key), reason)


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())[:500] or type(error).__name__


def _worth_telling(delivery: Delivery) -> bool:
    """A refusal that is tried again is told at the third in a row; a channel that stopped is told once, elsewhere."""
    if delivery.state == "failed":
        return delivery.next_try_at is None or delivery.attempts == TELL_AT_ATTEMPT
    return delivery.state in ("unknown", "partial")


def tell_administrator(office: Office, key: Key, delivery: Delivery, trace: str = "") -> None:
    """Says to the administrators what went wrong, once per delivery and state; a failure of that very message is only logged."""
    if key.report == ADMINISTRATOR:
        logger.error("the administrator could not be told: %s", delivery.reason)
        return
    company = office.settings.company
    period = f"{key.report}/{key.period}/{key.channel}:{key.recipient}/{delivery.state}"
    for recipient in administrators(office):
        about = Key(ADMINISTRATOR, period, recipient.channel, recipient.address)
        if (recipient.channel, recipient.address) == (key.channel, key.recipient) and delivery.state == "failed":
            continue  # what has just failed for this address would fail again

        def make(recipient: Recipient = recipient) -> Message:
            words = load_words(recipient.locale or company.locale)
            subject, lines = failure_notice(key, delivery, trace, words, Formatter(words.locale, company.currency, company.zone))
            return sentences(ADMINISTRATOR, period, subject, lines, recipient, office.settings, office.now())

        deliver(office, about, recipient, make)


def tell_reader(office: Office, key: Key, recipient: Recipient) -> None:
    """One plain sentence instead of a report that could not be made, once; alerts and notices are not apologised for."""
    if recipient.channel not in ("email", "telegram") or ":" in key.report or key.report == ADMINISTRATOR:
        return
    words = load_words(recipient.locale or office.settings.company.locale)
    title = words.text(f"report.{key.report}")
    company = office.settings.company
    period = Formatter(words.locale, company.currency, company.zone).period(parse_period(key.period))

    def make() -> Message:
        line = words.text("delivery.not_made", title=title, period=period)
        return sentences("notice", key.period, title, [line], recipient, office.settings, office.now())

    deliver(office, Key(f"notice:{key.report}", key.period, key.channel, key.recipient), recipient, make)


def tell_of_configuration(office: Office, what: str, reason: str) -> None:
    """Says to the administrators, once a day, that something in skvoz.toml cannot be carried out."""
    now = office.now()
    key = Key("configuration", f"{now:%Y-%m-%d}", "skvoz.toml", what)
    tell_administrator(office, key, Delivery(0, key, "failed", reason, 0, 0, now, None))


def tell_of_run(office: Office, job: str, reason: str) -> None:
    """Says to the administrators, once a day, that the runs which make the figures fail."""
    now = office.now()
    key = Key("run", f"{now:%Y-%m-%d}", job, "")
    tell_administrator(office, key, Delivery(0, key, "failed", reason, 0, 0, now, None))


def administrators(office: Office) -> list[Recipient]:
    """Who hears of failures; an address that cannot be read must not stop what is told to the others."""
    found: dict[tuple[str, str], Recipient] = {}
    for text in office.settings.reports.administrator:
        try:
            found |= {(recipient.channel, recipient.address): recipient for recipient in resolve([text], office.people)}
        except ReportsError:
            logger.exception("[reports] administrator")
    return list(found.values())


def retryable(office: Office) -> list[tuple[Key, Message]]:
    """What is due for another try, in its hours, and has its message kept; what was never made is left to its schedule."""
    found = []
    for key in office.journal.waiting():
        if not may_arrive(office, key):
            continue
        delivery = office.journal.find(key)
        message = None if delivery is None else office.outbox.load(delivery.number)
        if message is not None:
            found.append((key, message))
    return found


def retry_waiting(office: Office) -> list[Outcome]:
    """Tries again what was refused, and goes on with what a dead sender left between two steps, from the same bytes."""
    for lost in office.journal.sweep():
        tell_administrator(office, lost.key, lost)
    outcomes = []
    for key, message in retryable(office):

        def make(kept: Message = message) -> Message:
            return kept

        recipient = Recipient(key.channel, key.recipient)  # type: ignore[arg-type]  # a row is written with a channel's name only
        against = office.standing.stopped(key.report, key.channel, key.recipient)
        if against:
            outcomes.append(_leave_out(office, key, recipient, against))
            continue
        outcomes.append(deliver(office, key, recipient, make))
    return outcomes
