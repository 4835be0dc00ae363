"""Alerts: [[alerts]] of skvoz.toml, or of alerts.toml beside it, reckoned for every reader after each publication.

An alert is data: a rule (reports/alerts_rules.py) or any question with a column and a border, who hears of it, how often, in which
hours, until when it is muted. Each reader's alerts are reckoned under the reader's own rights.
"""

import logging
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reports.alerts_rules import RULES, Asked, By, Failing, Finding, Rule
from reports.alerts_state import AlertState, Notice, Pace
from reports.delivery.compose import sentences
from reports.delivery.message import Message
from reports.delivery.office import Office
from reports.delivery.recipients import Recipient, resolve
from reports.delivery.schedule import calendar
from reports.delivery.send import Outcome, deliver
from reports.delivery.worktime import Worktime
from reports.due import parse_hours
from reports.errors import PublishedError, ReportsError, SettingsError
from reports.formatting import Formatter
from reports.journal import Key
from reports.published import Published
from reports.questions import load_question
from reports.readings import failing, mark_of, read_readings
from reports.retold import retold
from reports.wording import Words, load_words

logger = logging.getLogger(__name__)

_EVERY = re.compile(r"every (\d+)([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
LONGEST_LIST = 20


class Alert(BaseModel):
    """One entry of [[alerts]]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="its own name, once in the file")
    rule: str = Field("", description="one of the built-in rules")
    question: str = Field("", description="instead of a rule: a question of reports/queries")
    entity: str = Field("", description="with question: the column that tells what a row is about")
    column: str = Field("", description="with question: the column that is compared")
    over: float | None = Field(None, description="the border: what is above it is told; for revenue_below_plan the share of the plan")
    under: float | None = Field(None, description="with question: what is below it is told")
    minutes: int = Field(30, ge=1, description="missed_call_not_returned: working minutes to call back; source_down: how long it is waited")
    days: int = Field(7, ge=1, le=90, description="campaign_without_leads: how many days are looked at")
    scope: By = Field("company", description="what one alert is about: company (each customer, call, campaign), or by manager or channel")
    to: tuple[str, ...] = Field(min_length=1, description="who hears of it")
    frequency: str = Field("", pattern=r"^(once|each|every [1-9]\d*[mhd])?$", description="once, each, or every 6h")
    recovery: bool = Field(True, description="whether to tell that it is over")
    send_hours: str | None = Field(None, description="hours in which it may arrive, if not those of [reports]")
    mute_until: date | None = Field(None, description="it is not reckoned before this day")

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Alert":
        if bool(self.rule) == bool(self.question):
            msg = "give either a rule or a question"
            raise ValueError(msg)
        if self.rule and self.rule not in RULES:
            msg = f"there is no rule {self.rule!r}; there are {', '.join(RULES)}"
            raise ValueError(msg)
        if self.question and not (self.entity and self.column and (self.over is not None or self.under is not None)):
            msg = "a question needs entity, column, and over or under"
            raise ValueError(msg)
        if self.scope not in self.made_of.scopes:
            msg = f"scope {self.scope!r} is nothing that {self.rule or self.question} tells apart; give {' or '.join(self.made_of.scopes)}"
            raise ValueError(msg)
        parse_hours(self.send_hours or "")
        return self

    @property
    def made_of(self) -> Rule:
        """The built-in rule, or one made from the question."""
        return RULES[self.rule] if self.rule else _asked_rule(self)

    @property
    def pace(self) -> Pace:
        """How often it tells."""
        text = self.frequency or self.made_of.frequency
        match = _EVERY.fullmatch(text)
        return Pace("every", timedelta(**{_UNITS[match[2]]: int(match[1])})) if match else Pace(text)


def _asked_rule(alert: Alert) -> Rule:
    def find(asked: Asked) -> list[Finding]:
        findings = []
        for row in asked.rows(alert.question):
            missing = sorted({alert.entity, alert.column} - row.keys())
            if missing:
                message = f"{alert.question} has no column {', '.join(missing)}; name one of {', '.join(row)} in the alert {alert.name}."
                raise ReportsError(message)
            value = row[alert.column]
            if value is None:
                continue
            if not isinstance(value, int | float | Decimal):
                message = f"{alert.column} of {alert.question} is no number; name another column in the alert {alert.name}."
                raise ReportsError(message)
            if (alert.over is not None and value > alert.over) or (alert.under is not None and value < alert.under):
                findings.append(Finding(str(row[alert.entity]), {"label": ("text", row[alert.entity]), "value": ("number", value)}))
        return findings

    return Rule(alert.name, "alert.own", "alert.own_line", "alert.own_over", (alert.question,), find)


def load_alerts(config: Path) -> tuple[Alert, ...]:
    """Reads the alerts of skvoz.toml and of alerts.toml beside it.

    Raises:
        SettingsError: with every fault at once.
    """
    entries: list[tuple[str, Any]] = []
    problems: list[str] = []
    for path in (config, config.with_name("alerts.toml")):
        if not path.is_file():
            continue
        try:
            listed = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("alerts", [])
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{path.name}: this is no readable TOML in UTF-8 ({error}); correct that line.")
            continue
        if not isinstance(listed, list):
            problems.append(f"{path.name}: alerts must be a list; write [[alerts]] above each of them.")
            continue
        entries += [(f"alerts[{place}] in {path.name}", entry) for place, entry in enumerate(listed)]
    alerts: list[Alert] = []
    for where, entry in entries:
        try:
            alert = Alert.model_validate(entry)
            for question in alert.made_of.questions:
                load_question(question)
        except ValidationError as error:
            problems += [
                f"{where}: {'.'.join(str(part) for part in fault['loc'])} {fault['msg'].removeprefix('Value error, ')}."
                for fault in error.errors(include_input=False, include_url=False)
            ]
        except ReportsError as error:
            problems.append(f"{where}: {error}")
        else:
            alerts.append(alert)
            if sum(known.name == alert.name for known in alerts) > 1:
                problems.append(f"{where}: the name {alert.name} stands there twice; give each its own.")
    if problems:
        raise SettingsError(str(config), problems)
    return tuple(alerts)


def run_alerts(office: Office, alerts: Sequence[Alert]) -> list[Outcome]:
    """Reckons every alert for every reader from the present publication, once per publication, and hands notices over."""
    try:
        published = office.published
    except PublishedError:
        return []
    state = AlertState(office.settings.warehouse.path / "state")
    company = office.settings.company
    worktime = Worktime(company.working_hours, company.zone, calendar(office))
    for alert in alerts:
        if alert.mute_until is not None and office.now().astimezone(company.zone).date() < alert.mute_until:
            continue
        missing = sorted(alert.made_of.tables - published.tables.keys())
        if missing:
            state.unavailable(alert.name, f"{', '.join(missing)} is not published", office.now())
            continue
        try:
            for recipient in resolve(alert.to, office.people):
                _reckon(office, state, published, worktime, alert, recipient)
        except ReportsError as error:
            # one broken alert must not silence the others; status shows why
            logger.exception("the alert %s could not be reckoned", alert.name)
            state.unavailable(alert.name, str(error), office.now())
        else:
            state.unavailable(alert.name, "", office.now())
    return flush(office)


def readings_changed(office: Office, alerts: Sequence[Alert]) -> list[Alert]:
    """Alerts about the readings of the systems that are not reckoned for what these brought last."""
    about = [alert for alert in alerts if alert.made_of.of_readings]
    if not about:
        return []
    state = AlertState(office.settings.warehouse.path / "state")
    changed = []
    for alert in about:
        try:
            readers = resolve(alert.to, office.people)
        except ReportsError:
            continue  # a reader who was removed must not keep reports from all others; the next publication writes down why
        if any(state.evaluated(alert.name, str(reader)) != _readings(office, alert)[1] for reader in readers):
            changed.append(alert)
    return changed


def _readings(office: Office, alert: Alert) -> tuple[tuple[Failing, ...], str]:
    """Which sources are down for an alert, and the mark of that state."""
    readings = read_readings(office.settings.warehouse.path / "state")
    down = failing(readings, office.now(), alert.minutes)
    return down, mark_of(readings, down)


def _reckon(office: Office, state: AlertState, published: Published, worktime: Worktime, alert: Alert, recipient: Recipient) -> None:
    rule = alert.made_of
    down, version = _readings(office, alert) if rule.of_readings else ((), published.version)
    if state.evaluated(alert.name, str(recipient)) == version:
        return
    over = rule.threshold if alert.over is None else alert.over
    words = load_words(recipient.locale or office.settings.company.locale)
    publication = published.publication
    form = Formatter(words.locale, publication.base_currency, publication.zone)
    asked = Asked(published, recipient.scope, worktime, over, alert.minutes, alert.days, alert.scope, down)
    found = [(finding, _line(rule, finding, words, form, alert.scope)) for finding in rule.find(asked)]
    state.apply(
        alert.name,
        str(recipient),
        version,
        office.now(),
        found,
        alert.pace,
        baseline=rule.baseline,
        recovery=alert.recovery,
        subject=words.text(rule.title) if alert.rule else words.text(rule.title, name=alert.name),
        over_line=words.text(rule.over),
        hours=office.settings.reports.send_hours if alert.send_hours is None else alert.send_hours,
    )


def due_notices(office: Office) -> list[Notice]:
    """Notices that are still to be handed over and whose hours have come."""
    zone = office.settings.company.zone
    pending = AlertState(office.settings.warehouse.path / "state").pending()
    return [notice for notice in pending if parse_hours(notice.hours).hold(office.now(), zone)]


def flush(office: Office) -> list[Outcome]:
    """Hands over the notices whose hours have come."""
    state = AlertState(office.settings.warehouse.path / "state")
    outcomes = []
    for notice in due_notices(office):
        recipient = resolve([notice.reader], office.people)[0]
        key = Key(f"alert:{notice.alert}", notice.version, recipient.channel, recipient.address)
        against = office.standing.stopped(key.report, recipient.channel, recipient.address)
        if against:
            office.journal.skip(key, against)
            state.done(notice)
            continue
        words = load_words(recipient.locale or office.settings.company.locale)
        mark = "• " if len(notice.lines) > 1 else ""
        lines = [f"{mark}{line}" for line in notice.lines[:LONGEST_LIST]]
        if len(notice.lines) > LONGEST_LIST:
            lines.append(words.text("alert.more", n=len(notice.lines) - LONGEST_LIST))
        if recipient.channel == "email":
            lines += ["", words.text("alert.footer", name=notice.alert, company=office.settings.company.name)]

        def make(lines: Sequence[str] = lines, subject: str = notice.subject, key: Key = key, to: Recipient = recipient) -> Message:
            return sentences(key.report, key.period, subject, lines, to, office.settings, office.now())

        outcomes.append(deliver(office, key, recipient, make))
        state.done(notice)
    return outcomes


def _line(rule: Rule, finding: Finding, words: Words, form: Formatter, by: By) -> str:
    places: Mapping[str, str] = {name: form.value(kind, value) for name, (kind, value) in finding.places.items()}
    if "details" in places:
        # a system's error begins with its name, and so does the line
        details = form.prose(retold(words, places["details"])).removeprefix(f"{places['label']}: ")
        places = {**places, "details": details}
    if "waited" in finding.places:
        hours, minutes = divmod(finding.places["waited"][1], 60)
        whole = {"hours": form.number(hours)} if hours else {}
        places = {**places, "waited": words.text("alert.hours" if hours else "alert.minutes", minutes=minutes, **whole)}
    if "label" in finding.places and not finding.places["label"][1]:
        places = {**places, "label": words.text("none.manager" if by == "manager" else "none.customer")}
    if by == "channel" and "label" in finding.places:
        places = {**places, "label": words.choice("channel", finding.places["label"][1])}
    return words.text(rule.line, **places)
