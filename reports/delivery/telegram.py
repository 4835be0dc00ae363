"""A report in a Telegram chat: the summary first, then its pictures as an album or one photo, then the documents.

Every call is a step of the journal: after a wait, a refusal or the sender's death the next try goes on with the first call that was
not answered, so nobody sees the same part twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from reports.delivery.channel import Steps
from reports.delivery.errors import RefusedError
from reports.delivery.message import Attached, Message
from reports.delivery.telegram_api import BotApi, ChatMovedError, NotParsedError
from reports.delivery.telegram_text import LONGEST_CAPTION, cut, plain, split

ALBUM = 10


@dataclass(frozen=True)
class _Call:
    method: str
    params: dict[str, object]
    files: dict[str, tuple[str, bytes]]


class TelegramChannel:
    """The company's bot."""

    def __init__(self, api: BotApi, moved: Callable[[str, int], None] = lambda _old, _new: None) -> None:
        """Takes the Bot API and who is to be told that a chat has moved (old address, new chat id)."""
        self._api = api
        self._moved = moved

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes the connections."""
        self._api.__exit__(kind, error, trace)

    def check(self) -> str:
        """Asks the bot's own name."""
        return f"the bot @{self._api.call('getMe', {})['username']} answers"

    def deliver(self, message: Message, address: str, steps: Steps) -> None:
        """Sends what is not done yet; a chat that has moved is followed once."""
        calls = calls_of(message)
        followed = False
        step = steps.done
        while step < len(calls):
            steps.begin(step)
            try:
                self._send(calls[step], address)
            except ChatMovedError as moved:
                steps.withdraw(step)
                if followed:
                    raise
                followed = True
                self._moved(address, moved.target)
                address = str(moved.target)
            except RefusedError:
                steps.withdraw(step)
                raise
            else:
                steps.confirm(step)
                step += 1

    def _send(self, call: _Call, address: str) -> None:
        params = {"chat_id": address, **call.params}
        try:
            self._api.call(call.method, params, call.files)
        except NotParsedError:
            if "text" not in params:
                raise
            bare = {name: value for name, value in params.items() if name != "parse_mode"}
            self._api.call(call.method, {**bare, "text": plain(str(params["text"]))}, call.files)


def calls_of(message: Message) -> list[_Call]:
    """The calls that make up a message, always the same for the same message."""
    calls = [
        _Call("sendMessage", {"text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}, {})
        for text in split(message.blocks)
    ]
    for group in albums(message.pictures):
        if len(group) == 1:
            picture, caption = group[0]
            calls.append(_Call("sendPhoto", {"caption": cut(caption, LONGEST_CAPTION)}, {"photo": (picture.name, picture.data)}))
        else:
            media = [
                {"type": "photo", "media": f"attach://picture{place}", "caption": cut(caption, LONGEST_CAPTION)}
                for place, (_, caption) in enumerate(group)
            ]
            files = {f"picture{place}": (picture.name, picture.data) for place, (picture, _) in enumerate(group)}
            calls.append(_Call("sendMediaGroup", {"media": media}, files))
    calls += [_Call("sendDocument", {}, {"document": (file.name, file.data)}) for file in message.files]
    return calls


def albums(pictures: Sequence[tuple[Attached, str]]) -> list[Sequence[tuple[Attached, str]]]:
    """Pictures in groups of at most ten, as even as can be: eleven are six and five, never ten and a lonely one."""
    if not pictures:
        return []
    groups = -(-len(pictures) // ALBUM)
    size, more = divmod(len(pictures), groups)
    result = []
    start = 0
    for number in range(groups):
        end = start + size + (1 if number < more else 0)
        result.append(pictures[start:end])
        start = end
    return result
