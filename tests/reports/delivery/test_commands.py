"""`skvoz report send`, `skvoz user`: what a person at the terminal sees."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from orchestration.commands.report import report
from orchestration.commands.user import user
from reports.delivery.standing import Standing
from reports.journal import Journal
from reports.people import People, PeopleError
from tests.reports.delivery.bot_api_server import BotApiServer
from tests.reports.delivery.mail_server import MailServer
from tests.reports.delivery.publications import Publications


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chromium")
    monkeypatch.setenv("SKVOZ_CONFIG", "")


def run(command: click.Command, company: Path, *arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(command, [*arguments, "--config", str(company)], input=given)


def test_send_says_what_became_of_each_and_force_says_so(company: Path, mail: MailServer, bot_api: BotApiServer) -> None:
    mail.refused["gone@example.ru"] = "550 no such user"
    to = ("--to", "email:a@example.ru", "--to", "telegram:77")
    first = run(report, company, "send", "director_daily", *to)
    assert (first.exit_code, first.output.splitlines()) == (0, ["email:a@example.ru  sent", "telegram:77  sent"])
    again = run(report, company, "send", "director_daily", *to)
    assert "email:a@example.ru  nothing done: sent before; --force sends again" in again.output
    forced = run(report, company, "send", "director_daily", *to, "--force")
    assert forced.output.splitlines()[0] == "email:a@example.ru  sent  (sent again by --force)"
    assert len(mail.mails("a@example.ru")) == 2
    bad = run(report, company, "send", "director_daily", "--to", "email:gone@example.ru")
    assert bad.exit_code == 1
    assert "failed: 127.0.0.1 refused the recipient gone@example.ru: 550 no such user" in bad.output


def test_without_recipients_the_subscribers_get_it_and_without_those_it_says_what_to_do(company: Path, mail: MailServer) -> None:
    nobody = run(report, company, "send", "director_daily")
    assert nobody.exit_code == 2
    assert "name recipients with --to" in nobody.output
    text = company.read_text(encoding="utf-8")
    company.write_text(
        f'{text}\n[[reports.subscriptions]]\nreport = "director_daily"\nto = ["email:a@example.ru"]\nlocale = "pl"\n', encoding="utf-8"
    )
    assert run(report, company, "send", "director_daily").exit_code == 0
    assert mail.mails("a@example.ru")[0]["Content-Language"] == "pl"


def test_a_past_period_is_made_from_the_version_of_its_day_else_says_it_is_not(company: Path, mail: MailServer) -> None:
    folder = company.parent / "data" / "published"
    first = (folder / "CURRENT").resolve()
    folder.unlink()
    publications = Publications(folder, first)
    old = "update marts.publication set company_name = 'OLD VERSION'"
    publications.publish(old, at="2026-03-30 05:00:00+00", as_of="2026-03-30")
    publications.publish("update marts.publication set company_name = 'NEW VERSION'", at="2026-04-01 05:00:00+00", as_of="2026-03-31")
    kept = run(report, company, "send", "director_daily", "--period", "2026-03-29", "--to", "email:a@example.ru")
    assert kept.output.startswith("made from the version published at 2026-03-30 05:00 UTC")
    gone = run(report, company, "send", "director_daily", "--period", "2026-03-20", "--to", "email:a@example.ru")
    assert gone.output.startswith("the version published on that day is not kept any more")
    bodies = [letter.get_body(("plain",)) for letter in mail.mails("a@example.ru")]
    texts = [body.get_content() for body in bodies if body is not None]
    assert "OLD VERSION" in texts[0]
    assert "NEW VERSION" in texts[1]
    assert texts[1].startswith("! Сформировано по данным от 01.04.2026")


def test_people_are_added_listed_linked_and_removed(company: Path) -> None:
    added = run(user, company, "add", "anna", "--role", "manager", "--scope", "manager:books:m1", "--email", "anna@example.ru")
    assert added.exit_code == 0, added.output
    assert run(user, company, "passwd", "anna", given="correct horse battery\ncorrect horse battery\n").exit_code == 0
    code = run(user, company, "link", "anna").output.splitlines()[0]
    people = People(company.parent / "data" / "state")
    assert people.link(code, 77) is not None
    assert people.verify_password("anna", "correct horse battery")
    assert "anna  manager  manager:books:m1  anna@example.ru  77" in run(user, company, "list").output
    assert run(user, company, "remove", "anna").exit_code == 0
    assert "nobody yet" in run(user, company, "list").output
    assert isinstance(run(user, company, "link", "anna").exception, PeopleError)


def test_a_stopped_reader_is_taken_back(company: Path, mail: MailServer) -> None:
    with Journal(company.parent / "data" / "state") as journal:
        Standing(journal.store).stop("director_daily", "email", "a@example.ru", "the reader has unsubscribed")
    to = ("--to", "email:a@example.ru")
    assert "skipped: the reader has unsubscribed" in run(report, company, "send", "director_daily", *to).output
    assert run(report, company, "resume", "email:a@example.ru", "--report", "director_daily").exit_code == 0
    assert "sent" in run(report, company, "send", "director_daily", "--period", "2026-03-29", *to).output
    assert len(mail.mails("a@example.ru")) == 1
