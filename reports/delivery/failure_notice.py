"""What the administrator is told of a delivery that went wrong: what it was, why in the words of whoever refused, and what to do now."""

from reports.catalogue import all_reports
from reports.formatting import Formatter
from reports.journal import Delivery, Key
from reports.periods import parse_period
from reports.wording import Words


def failure_notice(key: Key, delivery: Delivery, trace: str, words: Words, form: Formatter) -> tuple[str, list[str]]:
    """Subject and lines.

    Args:
        key: of the delivery.
        delivery: what became of it.
        trace: the failed blocks, or the trace of an error; may be empty.
        words: of the administrator's language.
        form: formats of that language.
    """
    subject = _subject(key, delivery, words, form)
    lines = [delivery.reason or words.text("administrator.no_reason"), *_advice(key, delivery, words, form)]
    lines += ["", *trace.strip().splitlines()] if trace.strip() else []
    return subject, lines


def _subject(key: Key, delivery: Delivery, words: Words, form: Formatter) -> str:
    kind, _, name = key.report.partition(":")
    if kind == "channel":
        return words.text("administrator.channel", channel=key.channel)
    if kind == "configuration":
        return words.text("administrator.configuration", what=key.recipient)
    if kind == "run":
        return words.text("administrator.run")
    what = key.report
    if kind in all_reports():
        what = f"{words.text(f'report.{kind}')} ({form.period(parse_period(key.period))})"
    elif kind == "alert":
        what = words.text("alert.own", name=name)
    elif kind == "notice" and name in all_reports():
        what = words.text(f"report.{name}")
    state = words.choice("delivery", delivery.state)
    return words.text("administrator.subject", what=what, recipient=f"{key.channel}:{key.recipient}", state=state)


def _advice(key: Key, delivery: Delivery, words: Words, form: Formatter) -> list[str]:
    if delivery.next_try_at is not None and key.report != "channel":
        return [words.text("administrator.next_try", moment=form.moment(delivery.next_try_at))]
    if key.report in ("channel", "configuration"):
        return [words.text("administrator.mended")]
    if key.report == "run":
        return [words.text("administrator.run_next")]
    if key.report not in all_reports():
        return []
    command = f"skvoz report send {key.report} --period {key.period} --to {key.channel}:{key.recipient}"
    if delivery.state == "failed":
        return [words.text("administrator.again", command=command)]
    if delivery.state == "unknown":
        return [words.text("administrator.ask", command=f"{command} --force")]
    return [words.text("administrator.partial")] if delivery.state == "partial" else []
