"""Rendering and delivery: a director's report, personal reports of managers, and a thousand deliveries with refusals in between."""

import os
import random
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reports.access import Scope
from reports.delivery.compose import Order, SharedPictures, compose
from reports.delivery.office import Office
from reports.delivery.recipients import Recipient
from reports.delivery.send import retry_waiting, send_report
from reports.delivery.telegram import TelegramChannel
from reports.delivery.telegram_api import BotApi
from reports.periods import last_complete
from reports.published import Published
from reports.settings import load_settings
from tests.bench.measure import peak_mib, tell, timed
from tests.reports.delivery.bot_api_server import TOKEN, refusal, running_bot_api
from tests.reports.delivery.conftest import CONFIG
from tests.reports.delivery.mail_server import running_mail_server
from tests.reports.published_fixture import AS_OF, MANAGERS, build_published

PERSONAL = 500
DELIVERIES = 1_000
FAULTS = 0.1


def run(scale: float) -> None:
    """Renders on the synthetic company; sends to peers in this process."""
    with tempfile.TemporaryDirectory() as name, running_mail_server() as mail, running_bot_api() as bot_api:
        folder = Path(name)
        build_published(folder / "data" / "published")
        config = folder / "skvoz.toml"
        config.write_text(CONFIG.format(mail_port=mail.port, token=TOKEN, bot_url=bot_api.url), encoding="utf-8")
        settings = load_settings(config)
        day = last_complete("day", AS_OF)
        with Published.current(settings.warehouse.published) as published, SharedPictures() as pictures:
            for what in ("first render", "a further recipient"):
                with timed() as clock:
                    compose(Order("director_daily", day), Recipient("email", f"{what[0]}@example.ru"), published, settings, pictures)
                tell(f"director_daily with its charts, {what}", f"{clock.seconds:.2f} s")
            count = int(PERSONAL * scale)
            with timed() as clock:
                for number in range(count):
                    scope = Scope("manager", MANAGERS[number % len(MANAGERS)][0])
                    reader = Recipient("email", f"m{number}@example.ru", f"m{number}", scope, "manager")
                    compose(Order("manager_personal", day), reader, published, settings, pictures)
            tell(f"{count} personal reports of managers through one browser", f"{clock.seconds:.0f} s")
        count = int(DELIVERIES * scale) // 2
        draw = random.Random(1)
        mail.data_answers = [draw.choices(["451 later", "250 OK"], [FAULTS, 1 - FAULTS])[0] for _ in range(2 * count)]
        bot_api.faults["sendMessage"] = [
            refusal(429, "Too Many Requests", retry_after=600) if draw.random() < FAULTS else "answered" for _ in range(count)
        ]
        bot_api.faults["sendMessage"] = [fault for fault in bot_api.faults["sendMessage"] if fault != "answered"]
        moment = [datetime(2026, 4, 1, 6, 0, tzinfo=UTC)]
        os.environ["BROWSER_PATH"] = "/nowhere/chromium"
        assert settings.telegram is not None
        wire = TelegramChannel(BotApi(settings.telegram))
        with Office(settings, folder, now=lambda: moment[0], channels={"telegram": wire}) as office, timed() as clock:
            readers = [Recipient("email", f"r{number}@example.ru") for number in range(count)]
            readers += [Recipient("telegram", str(1000 + number)) for number in range(count)]
            send_report(office, Order("manager_personal", day), readers, force=True)
            for _ in range(8):
                moment[0] += timedelta(hours=9)
                retry_waiting(office)
        got = Counter(to for to, _ in mail.envelopes) + Counter(
            chat for chat in bot_api.delivered for method in bot_api.methods(chat) if method == "sendDocument"
        )
        lost = sum(got[reader.address] == 0 for reader in readers)
        doubled = sum(got[reader.address] > 1 for reader in readers)
        told = f"{clock.seconds:.0f} s, {lost} lost, {doubled} doubled"
        tell(f"{2 * count} deliveries by mail and Telegram, one in ten refused at first", told)
    tell("peak memory of this process", f"{peak_mib():,.0f} MiB")
