"""The bot that answers: long polling, linking by a one-time code, commands under the linked person's rights.

It never answers a stranger: a chat that is not linked gets an answer only to a right code. An update is counted as seen after it was
answered, so a restart may repeat an answer but never loses a question. One process polls at a time.
"""

import fcntl
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reports.access import Scope, scope_of
from reports.delivery.bot_answers import FOUND, TOPICS, Answer, debt_answer, find_customers, topic_answer, turnover_answer
from reports.delivery.bot_subscriptions import Subscriptions
from reports.delivery.errors import ChannelStoppedError, DeliveryError
from reports.delivery.telegram_api import BotApi, NotParsedError
from reports.delivery.telegram_text import plain, split
from reports.errors import PublishedError
from reports.formatting import Formatter
from reports.people import People, Person
from reports.periods import Period
from reports.publications import open_publication
from reports.published import Published, resolve_current
from reports.settings import Settings
from reports.wording import Words, load_words

logger = logging.getLogger(__name__)

POLL_SECONDS = 50
PAUSE_SECONDS = 5.0
STOPPED_SECONDS = 600.0
_COMMAND = re.compile(r"/([A-Za-z_]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_HELP_LINE = re.compile(r"^/([a-z]+)[^—\n]*—([^/\n]*)", re.MULTILINE)
_START = re.compile(r"^/start(?:@\w+)?\b")
_CODE = re.compile(r"[0-9A-Fa-f]{10}")
_CUSTOMER_ANSWERS = {"turnover": turnover_answer, "debt": debt_answer}

Buttons = list[list[dict[str, str]]]


class Bot:
    """One bot of one company; the publication is opened anew when a newer one is there."""

    def __init__(self, settings: Settings, api: BotApi, people: People) -> None:
        """Takes the Bot API and the people; nothing is asked yet."""
        self._settings = settings
        self._api = api
        self._people = people
        self._published: Published | None = None

    def close(self) -> None:
        """Closes the publication."""
        if self._published is not None:
            self._published.close()
            self._published = None

    def announce(self) -> None:
        """Puts the commands into the chats' menus, in the company's language; the lines of its help say what each does.

        Raises:
            DeliveryError: if the Bot API cannot be asked.
        """
        words = load_words(self._settings.company.locale)
        commands = [{"command": line[1], "description": line[2].strip()[:256]} for line in _HELP_LINE.finditer(words.text("bot.help"))]
        self._api.call("setMyCommands", {"commands": commands})

    def poll(self, seconds: int = POLL_SECONDS) -> int:
        """Asks for updates, answers them, remembers how far it is; gives how many there were.

        Raises:
            DeliveryError: if the Bot API cannot be asked.
        """
        offset = int(self._people.bot_value("offset") or 0)
        asked = {"offset": offset, "timeout": seconds, "allowed_updates": ["message", "callback_query"]}
        updates = self._api.call("getUpdates", asked, timeout=seconds + 15.0)
        for update in updates:
            try:
                self.handle(update)
            except ChannelStoppedError:
                raise
            except Exception:
                # one question that cannot be answered must not be asked for ever
                logger.exception("update %s could not be answered", update.get("update_id"))
            self._people.remember("offset", str(int(update["update_id"]) + 1))
        return len(updates)

    def handle(self, update: dict[str, Any]) -> None:
        """Answers one update."""
        query = update.get("callback_query")
        message = (query or {}).get("message") or update.get("message") or {}
        chat_id = (message.get("chat") or {}).get("id")
        if chat_id is None:
            return
        person = self._people.by_chat(int(chat_id))
        text = str((query or {}).get("data") or message.get("text") or "").strip()
        if query is not None:
            if person is not None:
                self._api.call("answerCallbackQuery", {"callback_query_id": query["id"]})
        elif self._link(int(chat_id), text):
            return
        if person is None:
            return
        words = load_words(person.locale or self._settings.company.locale)
        try:
            if query is not None:
                self._pressed(int(chat_id), text, person, words)
            else:
                self._asked(int(chat_id), text, person, words)
        except PublishedError:
            self._say(int(chat_id), words.text("bot.no_data"))
        except DeliveryError:
            raise
        except Exception:
            self._say(int(chat_id), words.text("bot.broken"))
            raise

    def _link(self, chat_id: int, text: str) -> bool:
        """Links the chat if the text is a code, alone or after /start; silent about wrong ones."""
        code = _START.sub("", text).strip()
        if not _CODE.fullmatch(code):
            return False
        person = self._people.link(code, chat_id)
        if person is not None:
            words = load_words(person.locale or self._settings.company.locale)
            self._say(chat_id, words.text("bot.linked", name=person.name))
        return True

    def _asked(self, chat_id: int, text: str, person: Person, words: Words) -> None:
        match = _COMMAND.fullmatch(text)
        command, rest = (match[1].lower(), (match[2] or "").strip()) if match else ("", "")
        if command in ("help", "start"):
            self._say(chat_id, words.text("bot.help"))
        elif command in TOPICS:
            self._topic(chat_id, command, "", person, words)
        elif command in _CUSTOMER_ANSWERS:
            self._customer(chat_id, command, rest, person, words)
        elif command in ("stop", "resume"):
            self._choose_report(chat_id, command, words)
        else:
            self._say(chat_id, words.text("bot.unknown"))

    def _pressed(self, chat_id: int, data: str, person: Person, words: Words) -> None:
        """A button: `command:period`, `stop:report`, `resume:report`, or `command#place in the last list of customers`."""
        command, _, period = data.partition(":")
        if command in ("stop", "resume"):
            self._switch_report(chat_id, command, period, words)
            return
        if command in TOPICS:
            self._topic(chat_id, command, period, person, words)
            return
        command, _, place = data.partition("#")
        choices = json.loads(self._people.bot_value(f"choices:{chat_id}") or "[]")
        if command not in _CUSTOMER_ANSWERS or not place.isdigit() or int(place) >= len(choices):
            self._say(chat_id, words.text("bot.outdated"))
            return
        key, name = choices[int(place)]
        self._card(chat_id, command, {"customer_key": key, "customer_name": name}, person, words)

    def _choose_report(self, chat_id: int, command: str, words: Words) -> None:
        """Which report to stop, or to have again: a button each."""
        subscriptions = Subscriptions(self._settings, self._people, chat_id)
        reports = subscriptions.coming() if command == "stop" else subscriptions.stopped()
        if not reports:
            self._say(chat_id, words.text("bot.stop_none") if command == "stop" else words.text("bot.resume_none"))
            return
        buttons = [[{"text": words.text(f"report.{report}"), "callback_data": f"{command}:{report}"}] for report in reports]
        self._say(chat_id, words.text("bot.stop_which") if command == "stop" else words.text("bot.resume_which"), buttons)

    def _switch_report(self, chat_id: int, command: str, report: str, words: Words) -> None:
        subscriptions = Subscriptions(self._settings, self._people, chat_id)
        if not (subscriptions.stop(report) if command == "stop" else subscriptions.resume(report)):
            self._say(chat_id, words.text("bot.outdated"))
            return
        title = words.text(f"report.{report}")
        self._say(chat_id, words.text("bot.stopped", title=title) if command == "stop" else words.text("bot.resumed", title=title))

    def _topic(self, chat_id: int, command: str, period: str, person: Person, words: Words) -> None:
        answer = topic_answer(command, self._data(), words.locale, _scope(person), period)
        buttons: Buttons = []
        if answer.periods:
            form = Formatter(words.locale, self._settings.company.currency, self._settings.company.zone)
            buttons = [[{"text": _label(period, answer, form), "callback_data": f"{command}:{period.key}"} for period in answer.periods]]
        self._reply(chat_id, answer, buttons)

    def _customer(self, chat_id: int, command: str, text: str, person: Person, words: Words) -> None:
        if len(text) < 2:
            self._say(chat_id, words.text("bot.which", command=f"/{command}"))
            return
        found = find_customers(self._data(), _scope(person), text)
        if not found:
            self._say(chat_id, words.text("bot.not_found", text=text[:100]))
        elif len(found) == 1:
            self._card(chat_id, command, found[0], person, words)
        else:
            shown = found[:FOUND]
            choices = [[row["customer_key"], row["customer_name"]] for row in shown]
            self._people.remember(f"choices:{chat_id}", json.dumps(choices, ensure_ascii=False))
            buttons = [
                [{"text": _short(row["customer_name"], row["tax_id"], words), "callback_data": f"{command}#{place}"}]
                for place, row in enumerate(shown)
            ]
            many = [words.text("bot.many", n=FOUND)] if len(found) > FOUND else []
            self._say(chat_id, "\n".join([words.text("bot.choose"), *many]), buttons)

    def _card(self, chat_id: int, command: str, customer: dict[str, Any], person: Person, words: Words) -> None:
        self._reply(chat_id, _CUSTOMER_ANSWERS[command](self._data(), words.locale, _scope(person), customer), [])

    def _reply(self, chat_id: int, answer: Answer, buttons: Buttons) -> None:
        texts = split(answer.blocks)
        for number, text in enumerate(texts):
            last = number == len(texts) - 1
            try:
                self._send(chat_id, text, buttons if last else [], parse_mode="HTML")
            except NotParsedError:
                self._send(chat_id, plain(text), buttons if last else [])

    def _say(self, chat_id: int, text: str, buttons: Buttons | None = None) -> None:
        self._send(chat_id, text, buttons or [])

    def _send(self, chat_id: int, text: str, buttons: Buttons, **params: str) -> None:
        keyboard: dict[str, object] = {"reply_markup": {"inline_keyboard": buttons}} if buttons else {}
        self._api.call("sendMessage", {"chat_id": chat_id, "text": text, **params, **keyboard})

    def _data(self) -> Published:
        """The present publication."""
        path = resolve_current(self._settings.warehouse.published)
        if self._published is None or self._published.path != path:
            self.close()
            self._published = open_publication(path, self._settings.warehouse)
        return self._published


def run_bot(settings: Settings, *, stopped: Callable[[], bool] = lambda: False, sleep: Callable[[float], None] = time.sleep) -> None:
    """Answers until it is told to stop.

    Args:
        settings: the readers' part of skvoz.toml, with [telegram].
        stopped: asked between two polls.
        sleep: how to wait while the Bot API cannot be reached.

    Raises:
        ChannelStoppedError: if there is no [telegram], or another process answers already.
    """
    if settings.telegram is None:
        msg = "skvoz.toml has no [telegram]; add the bot's token."
        raise ChannelStoppedError(msg)
    state = settings.warehouse.path / "state"
    with BotApi(settings.telegram) as api, _only_one(state):
        bot = Bot(settings, api, People(state))
        try:
            announced = False
            while not stopped():
                try:
                    if not announced:
                        announced = True
                        _announce(bot)
                    bot.poll()
                except ChannelStoppedError as error:
                    # ending here would take schedules and pages of `skvoz serve` along
                    logger.error("the bot is not heard: %s", error)  # noqa: TRY400 - the sentence says it all
                    sleep(STOPPED_SECONDS)
                except DeliveryError as error:
                    logger.warning("the bot could not ask for messages: %s", error)
                    sleep(PAUSE_SECONDS)
        finally:
            bot.close()


def _announce(bot: Bot) -> None:
    """A menu that cannot be set must not keep the bot from answering."""
    try:
        bot.announce()
    except ChannelStoppedError:
        raise
    except DeliveryError as error:
        logger.warning("the menu of commands could not be set: %s", error)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / "bot.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"Another process answers for this bot already ({folder}/bot.lock); stop it first."
            raise ChannelStoppedError(msg) from error
        yield
    finally:
        os.close(descriptor)


def _scope(person: Person) -> Scope:
    return scope_of(person.role, person.scope)


def _label(period: Period, answer: Answer, form: Formatter) -> str:
    text = form.day(period.start) if period.kind == "day" else form.period(period)
    return f"← {text}" if period == answer.periods[0] else f"{text} →"


def _short(name: str | None, tax_id: str | None, words: Words) -> str:
    text = " ".join(str(name or "").split()) or words.text("none.name")
    return f"{text[:40]} · {tax_id}" if tax_id else text[:40]
