"""A webhook as recipient: one JSON document by POST, with an Idempotency-Key by which the receiver can tell a repetition."""

import base64
import hashlib
from types import TracebackType
from typing import Self

import httpx

from reports.delivery.channel import Steps
from reports.delivery.errors import AnswerLostError, RefusedError
from reports.delivery.message import Message
from reports.delivery.redaction import bare_address, quiet_http_logs

TIMEOUT_SECONDS = 30.0
_TRY_AGAIN = frozenset({408, 425, 429})


class WebhookChannel:
    """Addresses named by `webhook:`."""

    def __init__(self) -> None:
        """Opens no connection yet."""
        quiet_http_logs()
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, headers={"User-Agent": "skvoz"})

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes the connections."""
        self._client.close()

    def check(self) -> str:
        """A webhook is only ever asked when there is something to tell it."""
        return "asked only when there is something to tell"

    def deliver(self, message: Message, address: str, steps: Steps) -> None:
        """Posts the document; any 2xx is an acceptance."""
        if steps.done:
            return
        document = {
            "report": message.report,
            "period": message.period,
            "state": message.state,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "files": [{"name": file.name, "base64": base64.b64encode(file.data).decode()} for file in message.files],
        }
        # who sends it again by --force means another document, not a repetition that the receiver may drop
        identity = "\0".join((message.report, message.period, address, *([str(steps.forced)] if steps.forced else [])))
        steps.begin(0)
        where = bare_address(address)
        try:
            answer = self._client.post(address, json=document, headers={"Idempotency-Key": hashlib.sha256(identity.encode()).hexdigest()})
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            steps.withdraw(0)
            msg = f"{where} cannot be reached ({type(error).__name__}); check the address."
            raise RefusedError(msg) from error
        except httpx.HTTPError as error:
            msg = f"{where}: the document was handed over, but the answer was lost ({type(error).__name__})."
            raise AnswerLostError(msg) from error
        if answer.is_success:
            steps.confirm(0)
            return
        steps.withdraw(0)
        final = answer.status_code < 500 and answer.status_code not in _TRY_AGAIN
        wait = answer.headers.get("Retry-After", "")
        msg = f"{where} answered {answer.status_code}; check what it expects."
        raise RefusedError(msg, final=final, retry_after=float(wait) if wait.isdigit() else None)
