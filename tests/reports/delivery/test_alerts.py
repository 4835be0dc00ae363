"""Alerts over sequences of publications: the seven rules, frequencies, recovery, hours, rights, and crashes in between."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import reports.alerts as alerts_module
from reports.access import Scope
from reports.alerts import flush, load_alerts, readings_changed, run_alerts
from reports.alerts_rules import RULES, Finding
from reports.alerts_state import AlertState
from reports.delivery.office import Office
from reports.delivery.send import retryable
from reports.errors import SettingsError
from reports.formatting import Formatter, Kind
from reports.render.pictures import Pictures
from reports.settings import load_settings
from reports.wording import load_words
from tests.reports.delivery.conftest import Clock
from tests.reports.delivery.mail_server import MailServer
from tests.reports.delivery.publications import Publications
from tests.reports.published_fixture import MANAGERS

READER = "boss@example.ru"
RECONCILIATION = (
    "create table marts.reconciliation (issue_key varchar, check_name varchar, severity varchar, customer_key varchar, manager_key varchar,"
    " deal_key varchar, order_key varchar, payment_key varchar, amount decimal(18,2), occurred_date date, details varchar)"
)


def issue(key: str, check: str, amount: int = 0) -> str:
    return (
        "insert into marts.reconciliation by name"
        f" select '{key}' as issue_key, '{check}' as check_name, 'books:c1' as customer_key, {amount} as amount,"
        f" 'details of {key}' as details"
    )


class Company:
    """A company whose publications and alerts a test drives."""

    def __init__(self, config: Path, publications: Publications, clock: Clock, mail: MailServer, pictures: Pictures) -> None:
        self.config, self.publications, self.clock, self.mail, self.pictures = config, publications, clock, mail, pictures

    def office(self) -> Office:
        return Office(load_settings(self.config), self.config.parent, now=self.clock, pictures=self.pictures)

    def alerts(self, text: str) -> None:
        self.config.with_name("alerts.toml").write_text(text, encoding="utf-8")

    def reckon(self, reader: str = READER) -> list[str]:
        """Runs the alerts; the lines of every mail that this brought to the reader."""
        before = len(self.mail.mails(reader))
        with self.office() as office:
            run_alerts(office, load_alerts(self.config))
        return self.lines(reader)[before:]

    def lines(self, reader: str = READER) -> list[str]:
        """What the mails say above their foot."""
        bodies = [letter.get_body(("plain",)) for letter in self.mail.mails(reader)]
        texts = [body.get_content().strip().partition("\n\nЭто оповещение «") for body in bodies if body is not None]
        assert all("остановить может администратор" in foot for _, _, foot in texts), "whose it is, and who can stop it"
        return [told for told, _, _ in texts]


@pytest.fixture
def driven(company: Path, config_path: Path, clock: Clock, mail: MailServer, no_pictures: Pictures) -> Company:
    folder = company.parent / "data" / "published"
    first = (folder / "CURRENT").resolve()
    folder.unlink()
    return Company(company, Publications(folder, first), clock, mail, no_pictures)


def alert(rule: str, **more: object) -> str:
    given = {"name": rule, "rule": rule, "to": [f"email:{READER}"], "send_hours": "", **more}
    values = {key: str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"') for key, value in given.items()}
    return "[[alerts]]\n" + "\n".join(f"{key} = {value}" for key, value in values.items()) + "\n"


def test_every_rule_is_there_with_its_words() -> None:
    assert len(RULES) == 8
    for rule in RULES.values():
        for key in (rule.title, rule.line, rule.over):
            assert key in load_words("ro")


def test_revenue_below_plan_tells_each_day_once_and_when_it_is_over(driven: Company) -> None:
    driven.alerts(alert("revenue_below_plan"))
    low = "update marts.revenue_daily set revenue = 1 where date = date '2026-03-30'"
    driven.publications.publish(low)
    [told] = driven.reckon()
    assert "30.03.2026" in told
    driven.publications.publish()
    assert driven.reckon() == [], "the same day again"
    driven.publications.publish("update marts.revenue_daily set revenue = 1 where date = date '2026-03-31'", as_of="2026-04-01")
    driven.publications.publish(
        "insert into marts.revenue_plan_months by name select date '2026-04-01' as month, 'books:m1' as manager_key, 1 as plan_revenue"
    )
    [second] = driven.reckon()
    assert "31.03.2026" in second
    driven.publications.publish("update marts.revenue_daily set revenue = 9999999 where date = date '2026-03-31'")
    [over] = driven.reckon()
    assert "План снова выполняется" in over


def test_a_manager_who_sold_nothing_is_told_by_name(driven: Company) -> None:
    driven.alerts(alert("revenue_below_plan", scope="manager"))
    key, name, _ = MANAGERS[0]
    driven.publications.publish(f"delete from marts.revenue_daily where date = date '2026-03-30' and manager_key = '{key}'")
    [told] = driven.reckon()
    assert name in told
    assert key not in told


def test_a_reader_who_was_removed_keeps_no_sensor_from_its_work(driven: Company) -> None:
    driven.alerts(alert("source_down", to=["email:nobody"]))
    driven.publications.publish()
    with driven.office() as office:
        assert readings_changed(office, load_alerts(driven.config)) == []


def test_another_try_of_an_alert_waits_for_its_hours(driven: Company, clock: Clock) -> None:
    driven.alerts(alert("source_stale", send_hours="08:00-09:10"))
    driven.publications.publish("update marts.data_freshness set is_stale = true")
    driven.mail.data_answers = ["451 later"]
    assert driven.reckon() == []
    with driven.office() as office:
        clock.move(minutes=30)
        assert retryable(office) == []
        clock.move(hours=23)
        assert len(retryable(office)) == 1


@pytest.mark.parametrize("text", ["[[alerts", "alerts = 1"])
def test_alerts_that_are_no_list_are_told_in_a_sentence(driven: Company, text: str) -> None:
    driven.alerts(text)
    with pytest.raises(SettingsError, match=r"alerts\.toml: "):
        load_alerts(driven.config)


def test_a_source_that_cannot_be_read_is_told_without_a_publication_once_for_each_outage(driven: Company, clock: Clock) -> None:
    driven.alerts(alert("source_down", minutes=30))
    driven.publications.publish()
    state = driven.config.parent / "data" / "state"
    state.mkdir(exist_ok=True)

    def reading(error: str | None, *, since: str) -> None:
        told = {"books": {"at": clock().isoformat(), "since": since, "error": error}, "sales": {"at": since, "since": since, "error": None}}
        (state / "sources.json").write_text(json.dumps(told), encoding="utf-8")

    reading(None, since="2026-04-01T05:00:00+00:00")
    assert driven.reckon() == []
    failed = "2026-04-01T06:00:00+00:00"
    reading("books: access is denied (403).", since=failed)
    clock.move(minutes=15)
    assert driven.reckon() == [], "one failed reading is mended by the next"
    clock.move(minutes=30)
    [told] = driven.reckon()
    assert told.endswith("Администратору: access is denied (403).")
    assert told.count("books") == 1
    assert driven.reckon() == []
    with driven.office() as office:
        assert readings_changed(office, load_alerts(driven.config)) == []
        reading(None, since="2026-04-01T07:00:00+00:00")
        assert [found.name for found in readings_changed(office, load_alerts(driven.config))] == ["source_down"]
    assert driven.reckon()[0].startswith("Снова читается")
    reading("books: access is denied (403).", since="2026-04-01T08:00:00+00:00")
    clock.move(hours=3)
    assert len(driven.reckon()) == 1, "the next outage is another"


def test_a_debt_is_told_when_it_passes_thirty_days_not_when_it_was_there_before(driven: Company) -> None:
    driven.alerts(alert("debt_past_30_days", over=100000))
    driven.publications.publish(
        "delete from marts.receivables",
        "insert into marts.receivables values ('o1', 'books:c1', 'books:m1', 500000, date '2026-01-01', 80, '61-90'),"
        " ('o2', 'books:c2', 'books:m1', 200000, date '2026-03-02', 29, '1-30'),"
        " ('o3', 'books:c3', 'books:m1', 90000, date '2026-01-01', 80, '61-90')",
    )
    assert driven.reckon() == [], "known before"
    driven.publications.publish("update marts.receivables set overdue_days = overdue_days + 2")
    [told] = driven.reckon()
    assert "31 дн." in told
    assert told.count("\n") == 0, "one customer only"
    driven.publications.publish()
    assert driven.reckon() == []
    driven.publications.publish("delete from marts.receivables where order_key in ('o1', 'o2')")
    [over] = driven.reckon()
    assert over.startswith("Погашено")
    assert over.count("\n") == 0, "what was never told is not taken back"


def test_debts_are_told_by_manager_where_the_alert_is_about_managers(driven: Company) -> None:
    driven.alerts(alert("debt_past_30_days", over=100000, scope="manager"))
    driven.publications.publish("delete from marts.receivables")
    assert driven.reckon() == []
    driven.publications.publish(
        "insert into marts.receivables select 'o' || customer_key, customer_key, manager_key, 60000, date '2026-01-01', 80, '61-90'"
        " from marts.dim_customers where manager_key = 'books:m1' limit 2",
    )
    [told] = driven.reckon()
    assert told.startswith(f"{MANAGERS[0][1]}: просрочено")
    assert "120" in told
    assert told.count("\n") == 0


@pytest.mark.parametrize(("rule", "scope"), [("conflict", "manager"), ("debt_past_30_days", "channel"), ("source_down", "channel")])
def test_a_scope_that_a_rule_does_not_tell_apart_is_refused(driven: Company, rule: str, scope: str) -> None:
    driven.alerts(alert(rule, scope=scope))
    with pytest.raises(SettingsError, match=f"scope '{scope}' is nothing that {rule} tells apart; give company"):
        load_alerts(driven.config)


def test_a_missed_call_waits_its_working_minutes_and_is_called_back(driven: Company) -> None:
    text = driven.config.read_text(encoding="utf-8").replace('currency = "RUB"', 'currency = "RUB"\nworking_hours = "mon-fri 09:00-18:00"')
    driven.config.write_text(text, encoding="utf-8")
    driven.alerts(alert("missed_call_not_returned", minutes=30))
    missed = (
        "insert into marts.fct_calls by name select 'k1' as call_key, timestamptz '2026-03-31 14:50:00+00' as started_at,"
        " date '2026-03-31' as call_date, 'in' as direction, '+79990001122' as phone, true as is_missed"
    )
    driven.publications.publish("delete from marts.fct_calls", missed, at="2026-03-31 14:59:00+00")
    assert driven.reckon() == [], "nine minutes"
    driven.publications.publish(at="2026-04-01 06:15:00+00", as_of="2026-04-01")
    assert driven.reckon() == [], "the night does not count: 10 minutes on Tuesday and 15 on Wednesday"
    driven.publications.publish(at="2026-04-01 06:30:00+00")
    [told] = driven.reckon()
    assert "+79990001122" in told
    assert "40 мин" in told
    driven.publications.publish("update marts.fct_calls set callback_minutes = 1000")
    assert driven.reckon()[0].startswith("Перезвонили")


def test_a_line_is_written_for_a_person() -> None:
    words, form = load_words("ru"), Formatter("ru", "RUB", ZoneInfo("Europe/Moscow"))
    waited: dict[str, tuple[Kind, Any]] = {
        "label": ("text", "+79990001122"),
        "moment": ("datetime", datetime(2026, 3, 30, 9, tzinfo=UTC)),
        "waited": ("integer", 1406),
    }
    line = alerts_module._line(RULES["missed_call_not_returned"], Finding("k", waited), words, form, "company")
    assert line.endswith("ждут уже 23 ч 26 мин рабочего времени."), "1 406 minutes say nothing to anybody"
    nobody: dict[str, tuple[Kind, Any]] = {"label": ("text", None), "value": ("money", 100), "details": ("text", "Сделка выиграна.")}
    assert alerts_module._line(RULES["conflict"], Finding("k", nobody), words, form, "company").startswith("Клиент не указан: ")


def test_a_stale_source_and_its_recovery(driven: Company) -> None:
    driven.alerts(alert("source_stale"))
    assert driven.reckon()[0].startswith("ads: последняя загрузка")
    driven.publications.publish("update marts.data_freshness set is_stale = (source = 'books')")
    [told] = driven.reckon()
    assert told.splitlines()[0].startswith("• books: последняя загрузка"), "several run together on a phone"
    assert told.splitlines()[1].startswith("• Данные снова свежие. Было: ads")


@pytest.mark.parametrize(("scope", "name"), [("company", "Поиск: бренд"), ("channel", "Реклама в поиске")])
def test_a_campaign_with_cost_and_no_leads(driven: Company, scope: str, name: str) -> None:
    driven.alerts(alert("campaign_without_leads", over=100, scope=scope))
    assert driven.reckon() == [] or scope == "company"
    driven.publications.publish(
        "delete from marts.fct_leads where campaign_key in ('ads:101', 'ads:102') and created_at > timestamptz '2026-03-20'",
    )
    lines = "\n".join(driven.lines() + driven.reckon())
    assert name in lines
    driven.publications.publish(
        "insert into marts.fct_leads by name"
        " select 'n' || c as lead_key, timestamptz '2026-03-30 10:00:00+00' as created_at, c as campaign_key"
        " from (values ('ads:101'), ('ads:102')) as v (c)"
    )
    assert "Заявки появились" in driven.reckon()[0]


@pytest.mark.parametrize(("rule", "check"), [("duplicate_customer", "duplicate_customer"), ("conflict", "amount_differs")])
def test_new_duplicates_and_conflicts_out_of_reconciliation(driven: Company, rule: str, check: str) -> None:
    driven.alerts(alert(rule, over=1000))
    driven.publications.publish(RECONCILIATION, issue("old", check, 5000), issue("else", "missing_exchange_rate", 5000))
    assert driven.reckon() == []
    driven.publications.publish(issue("new", check, -2000), issue("small", "order_without_deal", 900))
    told = driven.reckon()[0]
    assert len(told.splitlines()) == 1
    assert told.endswith("details of new")
    driven.publications.publish("delete from marts.reconciliation where issue_key = 'new'")
    assert "Было:" in driven.reckon()[0]


def test_a_rule_whose_mart_is_not_published_says_so_and_recovers_nothing(driven: Company) -> None:
    driven.alerts(alert("conflict") + alert("source_stale"))
    driven.publications.publish(RECONCILIATION)
    driven.reckon()
    driven.publications.publish(issue("new", "amount_differs", 10))
    assert len(driven.reckon()) == 1
    driven.publications.publish("drop table marts.reconciliation")
    assert driven.reckon() == []
    state = AlertState(driven.config.parent / "data" / "state")
    assert state.problems() == {"conflict": "reconciliation is not published"}
    driven.publications.publish(RECONCILIATION, issue("new", "amount_differs", 10))
    assert driven.reckon() == [], "it was told before and still holds"
    assert state.problems() == {}


def test_every_so_often_tells_again_only_after_its_time(driven: Company, clock: Clock) -> None:
    driven.alerts(alert("source_stale", frequency="every 6h", recovery=False))
    assert len(driven.reckon()) == 1
    clock.move(hours=5)
    driven.publications.publish()
    assert driven.reckon() == []
    clock.move(hours=1)
    driven.publications.publish()
    assert len(driven.reckon()) == 1
    driven.publications.publish("update marts.data_freshness set is_stale = false")
    assert driven.reckon() == [], "no recovery was asked for"


def test_a_publication_is_reckoned_once_and_a_notice_is_handed_over_once(driven: Company) -> None:
    driven.alerts(alert("source_stale", frequency="each"))
    assert len(driven.reckon()) == 1
    assert driven.reckon() == []
    driven.publications.publish()
    assert len(driven.reckon()) == 1


def test_a_notice_survives_a_crash_between_state_and_wire(driven: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    driven.alerts(alert("source_stale"))

    def killed(_office: Office) -> list[object]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("reports.alerts.flush", killed)
        with pytest.raises(KeyboardInterrupt):
            driven.reckon()
    assert driven.lines() == []
    with driven.office() as office:
        flush(office)
        flush(office)
    assert len(driven.lines()) == 1


def test_quiet_hours_keep_a_notice_until_morning(driven: Company, clock: Clock) -> None:
    driven.alerts(alert("source_stale", send_hours="08:00-20:00"))
    clock.move(hours=14)  # 23:00 in Moscow
    assert driven.reckon() == []
    clock.move(hours=9)
    with driven.office() as office:
        flush(office)
    assert len(driven.lines()) == 1


def test_a_muted_alert_is_told_afterwards_if_it_still_holds(driven: Company, clock: Clock) -> None:
    driven.alerts(alert("source_stale", mute_until="2026-04-03").replace('"2026-04-03"', "2026-04-03"))
    assert driven.reckon() == []
    clock.move(days=2)
    assert len(driven.reckon()) == 1


def test_a_manager_hears_of_own_customers_only(driven: Company) -> None:
    key = MANAGERS[1][0]
    with driven.office() as office:
        office.people.add("ilya", "manager", Scope("manager", key), "ilya@example.ru")
    driven.alerts(alert("debt_past_30_days", over=0, to=[f"email:{READER}", "email:ilya@example.ru"]))
    driven.publications.publish("delete from marts.receivables")
    driven.reckon()
    driven.publications.publish(
        "insert into marts.receivables select 'o' || customer_key, customer_key, manager_key, 1000, date '2026-01-01', 80, '61-90'"
        " from marts.dim_customers where manager_key is not null and length(customer_name) between 5 and 40",
    )
    [own] = driven.reckon("ilya@example.ru")
    [everything] = driven.lines()
    own_lines = {line.removeprefix("• ") for line in own.splitlines() if "просрочено" in line}
    with driven.office() as office:
        names = {
            row["customer_name"]
            for row in office.published.select(f"select customer_name from marts.dim_customers where manager_key = '{key}'")
        }
    assert own_lines
    assert all(line.split(":")[0] in names or any(line.startswith(name) for name in names) for line in own_lines)
    assert len(everything.splitlines()) > len(own.splitlines())


def test_an_own_question_is_an_alert_too(driven: Company) -> None:
    driven.alerts(
        '[[alerts]]\nname = "few_rows"\nquestion = "data/freshness"\nentity = "stream"\ncolumn = "rows_total"\nunder = 10\n'
        f'to = ["email:{READER}"]\nsend_hours = ""\n'
    )
    assert driven.reckon() == []
    driven.publications.publish("update marts.data_freshness set rows_total = 3 where stream = 'orders'")
    assert driven.reckon() == ["orders: 3."]


@pytest.mark.parametrize(
    ("entity", "column", "told"),
    [
        ("no_such", "rows_total", "data/freshness has no column no_such; name one of source,"),
        ("stream", "source", "source of data/freshness is no number; name another column in the alert own"),
    ],
)
def test_an_own_question_that_cannot_be_asked_silences_no_other_alert(driven: Company, entity: str, column: str, told: str) -> None:
    driven.alerts(
        f'[[alerts]]\nname = "own"\nquestion = "data/freshness"\nentity = "{entity}"\ncolumn = "{column}"\nunder = 10\n'
        f'to = ["email:{READER}"]\nsend_hours = ""\n' + alert("source_stale")
    )
    driven.reckon()
    driven.publications.publish("update marts.data_freshness set is_stale = true where stream = 'orders'")
    assert len(driven.reckon()) == 1
    own, stale = AlertState(driven.config.parent / "data" / "state").standings()[::-1]
    assert own.problem.startswith(told)
    assert (stale.alert, stale.problem, stale.known, stale.waiting) == ("source_stale", "", 0, 0)
    assert stale.holding > 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[alerts]]\nname = "a"\nrule = "no_such"\nto = ["email:a@b"]', "there is no rule"),
        ('[[alerts]]\nname = "a"\nto = ["email:a@b"]', "either a rule or a question"),
        ('[[alerts]]\nname = "a"\nrule = "conflict"\nto = []', "to"),
        ('[[alerts]]\nname = "a"\nrule = "conflict"\nto = ["email:a@b"]\nfrequency = "often"', "frequency"),
        ('[[alerts]]\nname = "a"\nquestion = "no/such"\nentity = "x"\ncolumn = "y"\nover = 1\nto = ["email:a@b"]', "no question"),
        (2 * '[[alerts]]\nname = "a"\nrule = "conflict"\nto = ["email:a@b"]\n', "twice"),
    ],
)
def test_an_alert_that_cannot_be_is_told(company: Path, text: str, told: str) -> None:
    company.with_name("alerts.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=told):
        load_alerts(company)


def test_alerts_may_stand_in_skvoz_toml(company: Path, open_office: Callable[[], Office]) -> None:
    with company.open("a", encoding="utf-8") as file:
        file.write(alert("source_stale"))
    assert [found.name for found in load_alerts(company)] == ["source_stale"]
    assert run_alerts(open_office(), ()) == []
