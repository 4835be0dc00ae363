"""The Telegram Bot API: one method per call, its refusals told apart, its waits kept (core.telegram.org/bots/api#making-requests)."""

import json
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from reports.delivery.errors import AnswerLostError, ChannelStoppedError, RefusedError
from reports.delivery.redaction import quiet_http_logs, redact
from reports.settings import Telegram

TIMEOUT_SECONDS = 60.0
# A longer wait than this is left to the journal's next try, so that one chat does not hold up a batch.
LONGEST_WAIT_SECONDS = 60.0
WAITS = 5
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class ChatMovedError(RefusedError):
    """The group became a supergroup; `target` is its chat id from now on."""

    def __init__(self, text: str, target: int) -> None:
        super().__init__(text)
        self.target = target


class NotParsedError(RefusedError):
    """The text's HTML was not understood; it can be sent as plain text."""


class BotApi:
    """One bot at one Bot API server."""

    def __init__(self, settings: Telegram, *, sleep: Callable[[float], None] = time.sleep, timeout: float = TIMEOUT_SECONDS) -> None:
        """Takes [telegram] of skvoz.toml; nothing is connected yet.

        Args:
            settings: token, server and proxy.
            sleep: how to wait for `retry_after`; replaced in tests.
            timeout: seconds to wait for an answer.
        """
        quiet_http_logs()
        self._base = f"{settings.url.rstrip('/')}/bot{settings.token}/"
        self._where = redact(settings.url.rstrip("/"))
        self._sleep = sleep
        # with a proxy of our own the machine's proxy variables must not interfere
        self._client = httpx.Client(timeout=timeout, proxy=settings.proxy or None, trust_env=not settings.proxy)

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes the connections."""
        self._client.close()

    def call(
        self,
        method: str,
        params: Mapping[str, object],
        files: Mapping[str, tuple[str, bytes]] | None = None,
        *,
        timeout: float | None = None,
    ) -> Any:
        """Calls a method and gives its result.

        Args:
            method: such as sendMessage.
            params: its parameters; lists and dictionaries are written as JSON.
            files: (file name, bytes) by the part's name.
            timeout: seconds to wait for the answer, if not the usual.

        Raises:
            RefusedError: surely not done; ChatMovedError and NotParsedError are two that can be mended at once.
            AnswerLostError: asked, and no answer that says what became of it.
            ChannelStoppedError: the token is not accepted.
        """
        data = {
            name: json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value) for name, value in params.items()
        }
        for _ in range(WAITS):
            answer = self._post(method, data, files, timeout)
            if answer.get("ok"):
                return answer.get("result")
            wait = float((answer.get("parameters") or {}).get("retry_after") or 0)
            if answer.get("error_code") != 429 or wait > LONGEST_WAIT_SECONDS:
                raise self._refusal(method, answer, wait)
            self._sleep(wait or 1.0)
        msg = f"{self._where} asks to wait again and again; the message will be tried later."
        raise RefusedError(msg, retry_after=wait)

    def _post(
        self, method: str, data: Mapping[str, str], files: Mapping[str, tuple[str, bytes]] | None, timeout: float | None
    ) -> dict[str, Any]:
        options: dict[str, Any] = {} if timeout is None else {"timeout": timeout}
        try:
            answer = self._client.post(self._base + method, data=data, files=dict(files) if files else None, **options)
        except _NEVER_LEFT as error:
            msg = f"{self._where} cannot be reached ({type(error).__name__}); check url and proxy in [telegram]."
            raise RefusedError(msg) from error
        except httpx.HTTPError as error:
            msg = f"{self._where}: {method} was asked, but the answer was lost ({type(error).__name__})."
            raise AnswerLostError(msg) from error
        try:
            document = answer.json()
        except ValueError:
            document = None
        if isinstance(document, dict) and "ok" in document and answer.status_code < 500:
            return document
        if answer.status_code < 500:
            msg = f"{self._where} answered {answer.status_code} and no JSON: it is no Bot API server; check url in [telegram]."
            raise RefusedError(msg)
        # a gateway's 502 says nothing of what the server behind it has done
        msg = f"{self._where}: {method} was asked, and the server answered {answer.status_code}."
        raise AnswerLostError(msg)

    def _refusal(self, method: str, answer: Mapping[str, Any], wait: float) -> RefusedError | ChannelStoppedError:
        code = int(answer.get("error_code") or 0)
        text = redact(str(answer.get("description") or "no reason given"))
        parameters = answer.get("parameters") or {}
        if code == 401 or (code == 404 and text == "Not Found"):
            return ChannelStoppedError(f"{self._where} does not accept the bot's token ({code}); put the right one into [telegram].")
        if "migrate_to_chat_id" in parameters:
            return ChatMovedError(f"{self._where}: the chat has moved.", int(parameters["migrate_to_chat_id"]))
        if code == 400 and "can't parse" in text.lower():
            return NotParsedError(f"{self._where}: {method}: {text}")
        if code == 429:
            return RefusedError(f"{self._where} asks to wait {wait:.0f} s.", retry_after=wait)
        if code == 403:
            return RefusedError(f"{self._where}: {text}; the reader has to open the chat with the bot again.", final=True, blocked=True)
        return RefusedError(f"{self._where}: {method}: {code} {text}", final=code in (400, 413))
