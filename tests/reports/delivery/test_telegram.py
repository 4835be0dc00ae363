"""Telegram against a local Bot API server that holds us to the real limits."""

from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.blocks import Column, Section, Table
from reports.delivery.errors import AnswerLostError, ChannelStoppedError, RefusedError
from reports.delivery.message import Attached, Message
from reports.delivery.telegram import TelegramChannel, albums, calls_of
from reports.delivery.telegram_api import BotApi
from reports.delivery.telegram_text import LONGEST_TEXT, cut, length, plain, section_block, split
from reports.formatting import Formatter
from reports.settings import Telegram
from reports.wording import load_words
from tests.reports.delivery.bot_api_server import TOKEN, BotApiServer, refusal, text_problem
from tests.reports.delivery.test_smtp import Steps

PNG = b"\x89PNG picture"


def message(blocks: int = 1, pictures: int = 0, files: int = 1, caption: str = "a caption") -> Message:
    return Message(
        "director_daily",
        "2026-03-31",
        "ok",
        "x",
        "text",
        blocks=tuple((f"<b>block {number}</b>", "line &lt;&amp;") for number in range(blocks)),
        pictures=tuple((Attached(f"p{number}.png", PNG), caption) for number in range(pictures)),
        files=tuple(Attached(f"f{number}.xlsx", b"xlsx") for number in range(files)),
    )


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def make(bot_api: BotApiServer, waited: list[float]) -> Iterator[Callable[..., TelegramChannel]]:
    opened = []

    def go(token: str = TOKEN, moved: Callable[[str, int], None] = lambda _old, _new: None) -> TelegramChannel:
        settings = Telegram.model_validate({"token": token, "url": bot_api.url})
        channel = TelegramChannel(BotApi(settings, sleep=waited.append, timeout=5), moved)
        opened.append(channel)
        return channel

    yield go
    for channel in opened:
        channel.__exit__(None, None, None)


def test_the_summary_comes_first_then_the_album_then_the_documents(bot_api: BotApiServer, make: Callable[..., TelegramChannel]) -> None:
    make().deliver(message(pictures=3), "77", Steps())
    assert bot_api.methods("77") == ["sendMessage", "sendMediaGroup", "sendDocument"]
    assert bot_api.texts("77") == ["<b>block 0</b>\nline &lt;&amp;"]


@pytest.mark.parametrize(("pictures", "groups"), [(0, []), (1, [1]), (2, [2]), (10, [10]), (11, [6, 5]), (21, [7, 7, 7])])
def test_albums_hold_two_to_ten_and_leave_nobody_alone(pictures: int, groups: list[int]) -> None:
    assert [len(group) for group in albums(message(pictures=pictures).pictures)] == groups


def test_one_picture_is_a_photo_and_long_captions_are_cut(bot_api: BotApiServer, make: Callable[..., TelegramChannel]) -> None:
    make().deliver(message(pictures=1, files=0, caption="ж" * 3000), "77", Steps())
    assert bot_api.methods("77") == ["sendMessage", "sendPhoto"]


def test_a_wait_is_kept_and_the_message_arrives_once(
    bot_api: BotApiServer, make: Callable[..., TelegramChannel], waited: list[float]
) -> None:
    bot_api.faults["sendMessage"] = [refusal(429, "Too Many Requests", retry_after=7), refusal(429, "Too Many Requests", retry_after=3)]
    make().deliver(message(files=0), "77", Steps())
    assert waited == [7.0, 3.0]
    assert len(bot_api.texts("77")) == 1


def test_a_long_wait_is_left_to_the_journal(bot_api: BotApiServer, make: Callable[..., TelegramChannel], waited: list[float]) -> None:
    bot_api.faults["sendDocument"] = [refusal(429, "Too Many Requests", retry_after=900)]
    steps = Steps()
    channel = make()
    with pytest.raises(RefusedError) as refused:
        channel.deliver(message(), "77", steps)
    assert refused.value.retry_after == 900
    assert waited == []
    channel.deliver(message(), "77", steps)
    assert bot_api.methods("77") == ["sendMessage", "sendDocument"], "the text was sent again"


def test_a_chat_that_moved_is_followed_once_and_remembered(bot_api: BotApiServer, make: Callable[..., TelegramChannel]) -> None:
    bot_api.moved["77"] = -100500
    seen: list[tuple[str, int]] = []
    make(moved=lambda old, new: seen.append((old, new))).deliver(message(), "77", Steps())
    assert seen == [("77", -100500)]
    assert bot_api.methods("-100500") == ["sendMessage", "sendDocument"]
    assert bot_api.methods("77") == []
    bot_api.moved |= {"-100500": -5, "5": -100500}
    with pytest.raises(RefusedError, match="moved"):
        make().deliver(message(), "5", Steps())


def test_a_blocked_bot_is_told_apart(bot_api: BotApiServer, make: Callable[..., TelegramChannel]) -> None:
    bot_api.blocked.add("77")
    steps = Steps()
    with pytest.raises(RefusedError, match="blocked by the user") as refused:
        make().deliver(message(), "77", steps)
    assert refused.value.blocked
    assert steps.log == ["begin 0", "withdraw 0"]


def test_text_that_cannot_be_parsed_goes_as_plain_text(bot_api: BotApiServer, make: Callable[..., TelegramChannel]) -> None:
    broken = Message("r", "p", "ok", "s", "t", blocks=(("<b>open &amp; <i>wrong</b></i>",),))
    make().deliver(broken, "77", Steps())
    assert bot_api.texts("77") == ["open & wrong"]


def test_a_wrong_token_stops_the_channel_and_is_nowhere_to_be_read(
    bot_api: BotApiServer, make: Callable[..., TelegramChannel], caplog: pytest.LogCaptureFixture
) -> None:
    secret = "99999999:another-token-entirely"
    caplog.set_level("DEBUG")
    with pytest.raises(ChannelStoppedError, match="does not accept the bot's token") as stopped:
        make(token=secret).deliver(message(), "77", Steps())
    assert secret not in str(stopped.value)
    assert secret not in caplog.text


@pytest.mark.parametrize("fault", ["drop_after", refusal(502, "Bad Gateway")])
def test_a_lost_answer_is_unknown(bot_api: BotApiServer, make: Callable[..., TelegramChannel], fault: dict[str, Any] | str) -> None:
    bot_api.faults["sendMessage"] = [fault]
    steps = Steps()
    with pytest.raises(AnswerLostError) as lost:
        make().deliver(message(), "77", steps)
    assert steps.log == ["begin 0"]
    assert TOKEN not in str(lost.value)


def test_a_server_that_is_not_there_is_a_refusal() -> None:
    settings = Telegram.model_validate({"token": TOKEN, "url": "http://127.0.0.1:1"})
    with TelegramChannel(BotApi(settings)) as channel, pytest.raises(RefusedError, match="check url and proxy"):
        channel.deliver(message(), "77", Steps())


def test_a_dead_socks_proxy_is_a_refusal() -> None:
    settings = Telegram.model_validate({"token": TOKEN, "url": "http://api.example", "proxy": "socks5://127.0.0.1:1"})
    with TelegramChannel(BotApi(settings)) as channel, pytest.raises(RefusedError, match="check url and proxy"):
        channel.deliver(message(), "77", Steps())


def test_the_check_names_the_bot(make: Callable[..., TelegramChannel]) -> None:
    assert make().check() == "the bot @skvoz_test_bot answers"


def test_blocks_stay_whole_while_they_fit() -> None:
    blocks = tuple((f"<b>{number}</b>", "x" * 1500) for number in range(5))
    assert [text.count("<b>") for text in split(blocks)] == [2, 2, 1]


def test_a_block_too_long_is_split_between_its_lines_and_tables_stay_tables() -> None:
    block = ("<b>head</b>", *(f"<pre>{number:04} {'y' * 20}</pre>" for number in range(400)))
    texts = split((block,))
    assert len(texts) > 2
    assert all(text.count("<pre>") == text.count("</pre>") == 1 for text in texts)
    assert sum(text.count("y" * 20) for text in texts) == 400


units = st.text(st.sampled_from("aж😀<&>\n .") | st.characters(codec="utf-8"), max_size=9000)


@settings(deadline=None)  # a busy machine misses any
@given(st.lists(st.lists(units, min_size=1, max_size=4), min_size=1, max_size=6))
def test_every_split_text_is_within_the_limits_and_nothing_is_lost(texts: list[list[str]]) -> None:
    from html import escape

    blocks = tuple(tuple(f"<b>{escape(unit, quote=False)}</b>" for unit in block) for block in texts)
    messages = split(blocks)
    for text in messages:
        assert length(plain(text)) <= LONGEST_TEXT
        assert text_problem(text, "HTML", LONGEST_TEXT, "too long") in ("", "message text is empty")
    sent = "".join("".join(plain(text).split()) for text in messages)
    assert sent == "".join("".join("".join(block).split()) for block in texts)


@settings(deadline=None)  # a busy machine misses any
@given(st.text(), st.integers(min_value=2, max_value=50))
def test_a_cut_text_fits(text: str, longest: int) -> None:
    assert length(cut(text, longest)) <= longest


def test_the_same_message_is_always_the_same_calls() -> None:
    assert calls_of(message(3, 4, 2)) == calls_of(message(3, 4, 2))


def test_rows_of_one_name_are_told_apart() -> None:
    """«Royal 28 · 91 560, Royal 18 · 17 586» does not say what Royal has not bought."""
    columns = (
        Column("customer", "Customer", "text", "title"), Column("product", "Product", "text", "detail"),
        Column("days", "Days", "days"), Column("amount", "Amount", "money"),
    )  # fmt: skip
    form = Formatter("en", "RUB", ZoneInfo("UTC"))

    def told(*rows: tuple[object, ...]) -> str:
        return "\n".join(section_block(Section("gaps", "Gaps", "ok", (Table("gaps", "", columns, rows),)), load_words("en"), form))

    alike = told(("Royal", "Drill", 28, 9), ("Royal", "Bolt", 18, 1))
    assert "Drill" in alike
    assert "Bolt" in alike
    assert "Drill" not in told(("Royal", "Drill", 28, 9), ("Vector", "Bolt", 18, 1))
