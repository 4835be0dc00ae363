"""Subscriptions carried out: waiting, sending, giving up, retrying; and what `skvoz check` says of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reports.access import Scope
from reports.delivery.check import check_channels
from reports.delivery.office import Office
from reports.delivery.recipients import Recipient
from reports.delivery.schedule import run_due, tasks
from reports.delivery.send import retryable
from reports.delivery.unsubscribe import LinkError, invalid_page, page, read_link, unsubscribe, unsubscribe_url
from reports.journal import Key
from reports.people import People, parse_scope
from reports.settings import load_settings
from tests.reports.delivery.bot_api_server import BotApiServer
from tests.reports.delivery.conftest import Clock
from tests.reports.delivery.mail_server import MailServer

BOSS = "boss@example.ru"
# the synthetic publication was made on 1 April 2026 at 08:00 in Moscow, as of 31 March
SUBSCRIPTION = f'\n[[reports.subscriptions]]\nreport = "director_daily"\nto = ["email:{BOSS}"]\nschedule = "0 8 * * *"\n'


@pytest.fixture
def subscribed(company: Path) -> Callable[..., None]:
    def go(more: str = "", to: str = "") -> None:
        text = SUBSCRIPTION.replace(f'"email:{BOSS}"', to) if to else SUBSCRIPTION
        company.write_text(company.read_text(encoding="utf-8") + text + more, encoding="utf-8")

    return go


def states(office: Office) -> list[tuple[str, str, str]]:
    return [(row.key.report, row.key.period, row.state) for row in office.journal.recent()]


def test_a_due_report_goes_out_once_however_often_the_schedule_asks(
    subscribed: Callable[..., None], open_office: Callable[[], Office], mail: MailServer, clock: Clock
) -> None:
    subscribed()
    for _ in range(3):
        run_due(open_office())
        clock.move(minutes=20)
    assert states(open_office()) == [("director_daily", "2026-03-31", "sent")]
    assert len(mail.mails(BOSS)) == 1
    assert tasks(open_office()) == []


def test_the_next_morning_it_waits_and_at_the_deadline_goes_marked(
    subscribed: Callable[..., None], open_office: Callable[[], Office], mail: MailServer, clock: Clock
) -> None:
    subscribed("deadline_minutes = 60\n")
    clock.move(hours=23)  # 2 April, 08:00 in Moscow: the publication is of the day before
    assert run_due(open_office()) == []
    clock.move(minutes=60)
    run_due(open_office())
    [letter] = mail.mails(BOSS)
    assert str(letter["Subject"]).startswith("[данные устарели]")


def test_or_not_at_all_and_the_administrator_hears_of_it(
    subscribed: Callable[..., None], open_office: Callable[[], Office], mail: MailServer, clock: Clock, company: Path
) -> None:
    subscribed('when_stale = "skip"\ndeadline_minutes = 60\n')
    clock.move(hours=24)
    run_due(open_office())
    run_due(open_office())
    office = open_office()
    found = office.journal.find(Key("director_daily", "2026-04-01", "email", BOSS))
    assert found is not None
    assert (found.state, found.reason) == ("skipped", "no publication of that day by the deadline")
    assert mail.mails(BOSS) == []
    assert len(list((company.parent / "admin").glob("*.txt"))) == 1


def test_another_try_waits_for_the_hours_too(
    subscribed: Callable[..., None], open_office: Callable[[], Office], mail: MailServer, clock: Clock
) -> None:
    subscribed('send_hours = "08:00-09:10"\n')
    mail.data_answers = ["451 later"]
    run_due(open_office())
    clock.move(minutes=30)
    assert retryable(open_office()) == []
    run_due(open_office())
    assert mail.mails(BOSS) == []
    clock.move(hours=23)
    run_due(open_office())
    assert len(mail.mails(BOSS)) == 1


def test_outside_its_hours_nothing_leaves(
    subscribed: Callable[..., None], open_office: Callable[[], Office], mail: MailServer, clock: Clock
) -> None:
    subscribed('send_hours = "10:00-12:00"\n')
    assert run_due(open_office()) == []
    clock.move(hours=1)
    run_due(open_office())
    assert len(mail.mails(BOSS)) == 1


def test_a_holiday_of_the_published_calendar_is_left_out(
    subscribed: Callable[..., None], open_office: Callable[[], Office], clock: Clock
) -> None:
    subscribed('days = "workdays"\n')
    clock.move(days=-23)  # Monday 9 March, a day off in the synthetic calendar
    assert tasks(open_office()) == []


def test_a_refused_report_is_tried_again_by_the_schedule(
    subscribed: Callable[..., None], open_office: Callable[[], Office], mail: MailServer, clock: Clock
) -> None:
    subscribed()
    mail.data_answers = ["451 later", "451 later"]
    for minutes in (1, 5, 15):
        run_due(open_office())
        clock.move(minutes=minutes)
    assert states(open_office())[0][2] == "sent"
    assert len(mail.mails(BOSS)) == 1


def test_a_new_subscriber_gets_it_and_the_old_one_not_again(
    subscribed: Callable[..., None], open_office: Callable[[], Office], mail: MailServer, company: Path
) -> None:
    subscribed()
    run_due(open_office())
    company.write_text(
        company.read_text(encoding="utf-8").replace(f'"email:{BOSS}"', f'"email:{BOSS}", "email:new@example.ru"'), encoding="utf-8"
    )
    run_due(open_office())
    assert (len(mail.mails(BOSS)), len(mail.mails("new@example.ru"))) == (1, 1)


def test_the_check_tries_every_wire_and_subscription(
    subscribed: Callable[..., None], company: Path, mail: MailServer, bot_api: BotApiServer
) -> None:
    subscribed(to='"telegram:nobody", "email:a@example.ru"')
    subscribed('timezone = "Europe/Warsaw"\n'.replace("timezone", "send_hours").replace("Europe/Warsaw", "8-20"))
    subscribed()
    head, _, tail = company.read_text(encoding="utf-8").rpartition("schedule = ")
    company.write_text(f'{head}schedule = "0 8 * * 1-9"{tail[tail.index(chr(10)) :]}', encoding="utf-8")
    lines = check_channels(load_settings(company), company.parent)
    told = {name: (ok, line) for name, ok, line in lines}
    assert "1-9" in told["reports.subscriptions[2]"][1]
    assert told["email"] == (True, f"127.0.0.1:{mail.port} answers, security none, no login")
    assert told["telegram"] == (True, "the bot @skvoz_test_bot answers")
    assert not told["reports.subscriptions[0]"][0]
    assert "nobody" in told["reports.subscriptions[0]"][1]
    assert "08:00-20:00" in told["reports.subscriptions[1]"][1]
    assert mail.envelopes == []
    assert {method for method, _ in bot_api.calls} == {"getMe"}


def test_the_check_names_people_whose_scope_is_nobodys(company: Path, mail: MailServer, bot_api: BotApiServer) -> None:
    people = People(company.parent / "data" / "state")
    people.add("anna", "manager", parse_scope(" manager:books:m1\r"), "anna@example.ru")
    people.add("ilya", "manager", Scope("manager", "books:m99"), "ilya@example.ru")
    people.add("rita", "analyst", Scope("department", "Опт"), "rita@example.ru")
    lines = [(name, line) for name, ok, line in check_channels(load_settings(company), company.parent) if not ok]
    assert [name for name, _ in lines] == ["user ilya"]
    assert "no manager 'books:m99'" in lines[0][1]


def test_the_check_names_readers_whom_a_report_is_not_for(
    subscribed: Callable[..., None], company: Path, mail: MailServer, bot_api: BotApiServer
) -> None:
    People(company.parent / "data" / "state").add("anna", "manager", Scope("manager", "books:m1"), "anna@example.ru")
    subscribed(to='"email:anna", "email:owner@example.ru"')
    lines = [(name, line) for name, ok, line in check_channels(load_settings(company), company.parent) if not ok]
    assert [name for name, _ in lines] == ["reports.subscriptions[0]"]
    assert "anna has the role manager, and the report is for director" in lines[0][1]


def test_wires_that_do_not_answer_are_told(company: Path, mail: MailServer, bot_api: BotApiServer) -> None:
    text = company.read_text(encoding="utf-8").replace(f"port = {mail.port}", "port = 1").replace(bot_api.url, "http://127.0.0.1:1")
    company.write_text(text, encoding="utf-8")
    lines = check_channels(load_settings(company), company.parent)
    assert [(name, ok) for name, ok, _ in lines] == [("email", False), ("telegram", False)]
    assert "check host and port" in lines[0][2]
    assert "check url and proxy" in lines[1][2]


def test_unsubscribing_by_a_signed_link_stops_that_report_for_that_address(
    subscribed: Callable[..., None], open_office: Callable[[], Office], mail: MailServer, company: Path
) -> None:
    subscribed()
    company.write_text(company.read_text(encoding="utf-8") + '\n[dashboard]\nurl = "https://bi.example.ru/"\n', encoding="utf-8")
    settings = load_settings(company)
    link = unsubscribe_url(settings, "director_daily", Recipient("email", BOSS))
    token = link.partition("?t=")[2]
    assert read_link(settings, token) == ("director_daily", BOSS)
    for forged in (token[:-1], "x" + token, token.replace(".", ""), "", "a.b"):
        with pytest.raises(LinkError):
            read_link(settings, forged)
    office = open_office()
    run_due(office)
    [letter] = mail.mails(BOSS)
    assert link in "".join(str(letter["List-Unsubscribe"]).split())
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    asked = page(settings, token)
    assert '<form method="post">' in asked
    assert not office.standing.stopped("director_daily", "email", BOSS), "a GET has unsubscribed"
    assert unsubscribe(settings, token) == ("director_daily", BOSS)
    assert "Ссылка не подходит" in invalid_page(settings), "a reader is told in the company's language"
    assert "<form" not in page(settings, token, stopped=True)
    assert office.standing.stopped("director_daily", "email", BOSS)
    assert not office.standing.stopped("director_weekly", "email", BOSS)


def test_without_https_there_is_no_one_click_link(company: Path) -> None:
    assert unsubscribe_url(load_settings(company), "director_daily", Recipient("email", BOSS)) == ""


def test_one_address_or_subscription_that_cannot_be_read_keeps_nobody_else_waiting(
    subscribed: Callable[..., None], open_office: Callable[[], Office], mail: MailServer, company: Path
) -> None:
    subscribed(to=f'"telegram:nobody", "email:{BOSS}"')
    subscribed('send_hours = "8-20"\n', to='"email:other@example.ru"')
    subscribed(to='"email:third@example.ru"')
    for _ in range(2):
        run_due(open_office())
    assert [to for to, _ in mail.envelopes] == [BOSS, "third@example.ru"]
    told = [path.read_text(encoding="utf-8") for path in sorted((company.parent / "admin").glob("*.txt"))]
    assert len(told) == 2
    assert "There is no person 'nobody'" in "".join(told)
    assert "08:00-20:00" in "".join(told)
