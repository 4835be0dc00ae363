"""The bot: strangers get nothing, linked people get their own figures, restarts lose nothing."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.access import ALL, Scope
from reports.delivery.bot import Bot, run_bot
from reports.delivery.errors import ChannelStoppedError
from reports.delivery.standing import Standing
from reports.delivery.telegram_api import BotApi
from reports.delivery.telegram_text import COLUMNS, plain
from reports.journal import Journal
from reports.people import People
from reports.settings import Settings, Subscription
from tests.reports.delivery.bot_api_server import BotApiServer, refusal
from tests.reports.delivery.conftest import Clock
from tests.reports.delivery.publications import Publications
from tests.reports.published_fixture import MANAGERS

CHAT = 77


class Talk:
    """A chat with the bot."""

    def __init__(self, bot: Bot, server: BotApiServer, people: People) -> None:
        self.bot, self.server, self.people = bot, server, people
        self.number = 1000

    def says(self, text: str, chat: int = CHAT) -> list[str]:
        """Sends a message; the texts that come back."""
        return self._update(chat, {"message": {"text": text, "chat": {"id": chat}}})

    def presses(self, data: str, chat: int = CHAT) -> list[str]:
        return self._update(chat, {"callback_query": {"id": "q", "data": data, "message": {"chat": {"id": chat}}}})

    def _update(self, chat: int, update: dict[str, Any]) -> list[str]:
        before = len(self.server.texts(str(chat)))
        self.number += 1
        self.server.updates.append({"update_id": self.number, **update})
        self.bot.poll(seconds=0)
        return self.server.texts(str(chat))[before:]

    def buttons(self, chat: int = CHAT, *, shown: bool = False) -> list[str]:
        params = self.server.delivered[str(chat)][-1][1]
        keyboard = json.loads(params.get("reply_markup", '{"inline_keyboard": []}'))["inline_keyboard"]
        return [button["text" if shown else "callback_data"] for row in keyboard for button in row]


@pytest.fixture
def talk(reader_settings: Settings, bot_api: BotApiServer, clock: Clock) -> Iterator[Talk]:
    assert reader_settings.telegram is not None
    people = People(reader_settings.warehouse.path / "state", clock)
    people.add("boss", "director", ALL, locale="ru")
    with BotApi(reader_settings.telegram) as api:
        bot = Bot(reader_settings, api, people)
        yield Talk(bot, bot_api, people)
        bot.close()


@pytest.fixture
def linked(talk: Talk) -> Talk:
    talk.says(talk.people.make_code("boss"))
    return talk


def test_a_stranger_is_never_answered(talk: Talk, bot_api: BotApiServer) -> None:
    for text in ("/today", "/start", "/help", "hello", "/turnover Ромашка", "/start 0123456789", "ABCDEF0123"):
        assert talk.says(text) == []
    assert talk.presses("today:2026-03-01") == []
    assert {method for method, _ in bot_api.calls} == {"getUpdates"}


def test_a_code_links_the_chat_once(talk: Talk) -> None:
    code = talk.people.make_code("boss")
    assert "boss" in talk.says(f"/start@skvoz_test_bot {code}")[0], "as groups write it"
    assert talk.people.get("boss").chats == (CHAT,)
    assert talk.says(code, chat=78) == []
    assert talk.people.get("boss").chats == (CHAT,)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("/today", "Выручка"), ("/week", "Выручка"), ("/funnel", "Воронка"), ("/managers", "Менеджер"), ("/abc", "ABC"),
        ("/today@skvoz_test_bot", "Выручка"),
        ("/Today", "Выручка"), ("/help", "/turnover"), ("/nonsense", "/help"), ("just words", "/help"),
        ("/turnover", "/turnover Ромашка"), ("/debt", "/debt Ромашка"),
    ],
)  # fmt: skip
def test_commands_answer_readably_on_a_phone(linked: Talk, command: str, told: str) -> None:
    texts = linked.says(command)
    assert any(told in text for text in texts), texts
    for text in texts:
        for table in text.split("<pre>")[1:]:
            assert max(len(line) for line in plain(table.split("</pre>")[0]).split("\n")) <= COLUMNS


def test_buttons_lead_to_other_periods_and_never_past_the_data(linked: Talk) -> None:
    linked.says("/today")
    assert linked.buttons() == ["today:2026-03-30"]
    assert "30 марта" in linked.presses("today:2026-03-30")[0]
    assert linked.buttons() == ["today:2026-03-29", "today:2026-03-31"]
    assert linked.buttons(shown=True) == ["← 29.03.2026", "31.03.2026 →"]
    linked.presses("today:2027-01-01")
    assert linked.buttons() == ["today:2026-03-30"]
    linked.says("/managers")
    assert linked.buttons() == ["managers:2026-03-29"], "the last day that is over"


def test_today_is_today_and_what_is_not_over_is_compared_with_nothing(linked: Talk) -> None:
    [today] = linked.says("/today")[:1]
    assert "31 марта" in today
    day, _, month = today.partition("Месяц и план")
    assert "▲" not in day
    assert "▼" not in day
    assert "к прошлому месяцу" in month, "on its last day the month is whole"
    assert "к прошлому понедельнику" in linked.presses("today:2026-03-30")[0]


def test_a_customer_is_found_by_name_tax_id_and_phone_and_chosen_among_several(linked: Talk, company: Path) -> None:
    folder = company.parent / "data" / "published"
    first = (folder / "CURRENT").resolve()
    folder.unlink()
    known = "update marts.dim_customers set search_text = lower(customer_name) || ' ' || tax_id || ' ' || replace(phone, '+', '')"
    Publications(folder, first).publish(known)
    for text in ("«Ромашка 1»", "7700000001", "+7 (495) 000-00-01", "8 495 000 00 01"):
        assert any("Ромашка 1" in answer for answer in linked.says(f"/turnover {text}")), text
    assert "Какой нужен" in linked.says("/debt Ромашка")[0]
    choices = linked.buttons()
    assert len(choices) > 1
    assert all(len(choice.encode()) <= 64 for choice in choices)
    assert "Ромашка" in linked.presses(choices[1])[0]
    assert "не найдено" in linked.says("/turnover <b>нет такого")[0]
    assert "устарела" in linked.presses("debt#99")[0]


def test_a_reader_stops_a_report_and_has_it_back(linked: Talk, company: Path, reader_settings: Settings) -> None:
    assert linked.says("/stop") == ["В этот чат сейчас не приходит ни один отчёт."]
    entry = Subscription.model_validate({"report": "director_daily", "to": ["telegram:boss", "telegram:nobody", "email:a@example.ru"]})
    forbidden = Subscription.model_validate({"report": "manager_personal", "to": ["telegram:boss"]})
    other = Subscription.model_validate({"report": "director_weekly", "to": ["telegram:999"]})
    reports = reader_settings.reports.model_copy(update={"subscriptions": (entry, other, forbidden)})
    linked.bot = Bot(reader_settings.model_copy(update={"reports": reports}), linked.bot._api, linked.people)
    linked.says("/stop")
    assert linked.buttons() == ["stop:director_daily"]
    assert "/resume" in linked.presses("stop:director_daily")[0]
    assert linked.presses("stop:director_daily") == ["Эта кнопка устарела. Спросите ещё раз."]
    assert linked.presses("stop:director_weekly") == ["Эта кнопка устарела. Спросите ещё раз."], "it goes to another chat"
    with Journal(company.parent / "data" / "state") as journal:
        assert Standing(journal.store).stopped("director_daily", "telegram", str(CHAT))
    linked.says("/resume")
    assert linked.buttons() == ["resume:director_daily"]
    assert "снова" in linked.presses("resume:director_daily")[0]
    assert linked.says("/resume") == ["Все отчёты и так приходят."]


def test_what_refusals_have_stopped_is_not_taken_back_by_the_reader(linked: Talk, company: Path, reader_settings: Settings) -> None:
    entry = Subscription.model_validate({"report": "director_daily", "to": ["telegram:boss"]})
    reports = reader_settings.reports.model_copy(update={"subscriptions": (entry,)})
    linked.bot = Bot(reader_settings.model_copy(update={"reports": reports}), linked.bot._api, linked.people)
    with Journal(company.parent / "data" / "state") as journal:
        Standing(journal.store).stop("director_daily", "telegram", str(CHAT), "refused on 3 different days")
    assert linked.says("/resume") == ["Все отчёты и так приходят."]
    assert linked.presses("resume:director_daily") == ["Эта кнопка устарела. Спросите ещё раз."]


def test_the_commands_stand_in_the_menu(talk: Talk, bot_api: BotApiServer) -> None:
    talk.bot.announce()
    [menu] = [json.loads(params["commands"]) for method, params in bot_api.calls if method == "setMyCommands"]
    assert [entry["command"] for entry in menu] == ["today", "week", "funnel", "managers", "turnover", "debt", "abc", "stop", "resume"]
    assert menu[0]["description"] == "день и месяц"
    assert not [entry for entry in menu if entry["description"].endswith(",")]


def test_hostile_names_are_only_text(linked: Talk) -> None:
    answer = linked.says("/turnover <script>")
    assert any("&lt;script&gt;" in text for text in answer)


def test_a_manager_sees_own_customers_and_figures_only(talk: Talk) -> None:
    key, _, _ = MANAGERS[1]
    talk.people.add("ilya", "manager", Scope("manager", key))
    talk.says(talk.people.make_code("ilya"), chat=5)
    others = [name for other, name, _ in MANAGERS if other != key]
    texts = [text for command in ("/today", "/managers", "/funnel", "/abc") for text in talk.says(command, chat=5)]
    assert not [name for name in others for text in texts if name in text]
    answers = talk.says("/turnover «Ромашка 1»", chat=5)
    assert answers
    own = talk.bot._data().select("select customer_key from marts.dim_customers", {}, Scope("manager", key))
    assert ("books:c1" in {row["customer_key"] for row in own}) == any("За три месяца" in text for text in answers)


def test_rights_are_those_of_now(linked: Talk) -> None:
    assert linked.says("/today")
    linked.people.remove("boss")
    assert linked.says("/today") == []


def test_a_restart_goes_on_where_it_was(linked: Talk, reader_settings: Settings, bot_api: BotApiServer) -> None:
    linked.says("/help")
    seen = len(bot_api.texts(str(CHAT)))
    assert reader_settings.telegram is not None
    with BotApi(reader_settings.telegram) as api:
        again = Bot(reader_settings, api, linked.people)
        assert again.poll(seconds=0) == 0
    assert len(bot_api.texts(str(CHAT))) == seen


def test_a_question_that_fails_is_answered_plainly_and_not_asked_for_ever(linked: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        msg = "secret detail"
        raise RuntimeError(msg)

    monkeypatch.setattr("reports.delivery.bot.topic_answer", broken)
    answer = linked.says("/today")
    assert answer == ["Не получилось. Причину видит администратор."]
    monkeypatch.undo()
    assert linked.says("/help")


def test_it_runs_until_told_and_waits_while_the_server_is_away(
    reader_settings: Settings, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    rounds = iter([False, False, True])
    real, failures = Bot.poll, iter([True, False])

    def poll(self: Bot, seconds: int = 0) -> int:
        if next(failures):
            self._api.call("sendMessage", {"chat_id": 1, "text": "x"})
        return real(self, 0)

    bot_api.faults["sendMessage"] = [refusal(502, "Bad Gateway")]
    monkeypatch.setattr(Bot, "poll", poll)
    run_bot(reader_settings, stopped=lambda: next(rounds), sleep=waits.append)
    assert len(waits) == 1
    assert len(bot_api.offsets) == 1


def test_a_refused_token_is_waited_out_and_ends_nothing_else(
    reader_settings: Settings, bot_api: BotApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    assert reader_settings.telegram is not None
    wrong = reader_settings.telegram.model_copy(update={"token": "999999:revoked-and-secret"})
    waits: list[float] = []
    rounds = iter([False, True])
    run_bot(reader_settings.model_copy(update={"telegram": wrong}), stopped=lambda: next(rounds), sleep=waits.append)
    assert waits == [600.0]
    assert "revoked-and-secret" not in caplog.text


def test_two_bots_of_one_company_do_not_run_at_once(reader_settings: Settings, make_holder: Callable[[Path], None]) -> None:
    make_holder(reader_settings.warehouse.path / "state")
    with pytest.raises(ChannelStoppedError, match="already"):
        run_bot(reader_settings)


@pytest.fixture
def make_holder() -> Iterator[Callable[[Path], None]]:
    from contextlib import ExitStack

    from reports.delivery.bot import _only_one

    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(_only_one(folder))
