"""What 1C and the web server in front of it say when something is wrong, turned into one sentence each.

Four shapes are read: `{"odata.error": …}` (the key has a dot), `{"exception": …}` of the application server, `<m:error>` in XML, and
HTML pages, also with status 200. 500 is often a permanent error of the query: the internal code tells, or, without one, the words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from ingestion.errors import OneListError, PermanentError, SourceError, TransientError
from ingestion.http import Explain, html_hint
from ingestion.redaction import redact

_BOM = b"\xef\xbb\xbf"
_MAX_TEXT = 300
OBJECTS_LIST = "the list of published objects"

WRONG_ADDRESS, ENTITY_UNKNOWN, INSTANCE_UNKNOWN, PROPERTY_UNKNOWN, METHOD_UNKNOWN, ACCESS_DENIED = "6", "8", "9", "10", "11", "20"
_QUERY_FAULTS = frozenset({"7", PROPERTY_UNKNOWN, METHOD_UNKNOWN, "14", "18", "19", "21"})
_REFUSALS = frozenset({httpx.codes.BAD_REQUEST, httpx.codes.METHOD_NOT_ALLOWED, httpx.codes.NOT_IMPLEMENTED})
_ANY_FAILURE = frozenset({"", "-1"})  # codes that say nothing: what failed may be the server's disk, a lock, or the query

_XML_ERROR = re.compile(rb"<(?:\w+:)?error\b.*?<(?:\w+:)?code[^>]*>(?P<code>[^<]*)<.*?<(?:\w+:)?message[^>]*>(?P<text>[^<]*)<", re.DOTALL)
_REASON = re.compile(r"(?:by reason|по причине)\s*:\s*(.+)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_TOO_HEAVY = re.compile(
    r"device is full|no space left|not enough (?:memory|space)|недостаточно (?:памяти|места)|нет места|переполнен", re.IGNORECASE
)
_LOGIN = re.compile(
    r"неправильное имя или пароль|идентификация пользователя не выполнена|invalid (?:user ?name|login) or password", re.IGNORECASE
)
_RIGHTS = re.compile(r"прав(?:а)? доступа|недостаточно прав|access (?:right|violation)|insufficient (?:access )?rights", re.IGNORECASE)
# what platforms say of a query they cannot take, with any code or none
_QUERY_WORDS = re.compile(
    r"при разборе опции|операция не разрешена в предложении|нельзя сравнивать поля|синтаксическая ошибка|поле не найдено|"
    r"error parsing query option|operation is not allowed in",
    re.IGNORECASE,
)
_TOO_LONG = re.compile(r"404\.1[45]\b|query string is too long", re.IGNORECASE)  # IIS says «not found» to a query beyond 2 KB
_CLOSED = re.compile(r"лиценз|licen[sc]e|начал[оа] сеанс|монопольн|заблокирован|exclusive|locked", re.IGNORECASE)


class NotPublishedError(PermanentError):
    """The entity is not in the published part of the base, or its name is misspelt."""


class NoRightsError(PermanentError):
    """The user may not read this, or not all of it."""


class GoneError(PermanentError):
    """The instance asked for by its key does not exist."""


class QueryRefusedError(PermanentError, OneListError):
    """1C does not take this query: a property, a function or an operator it does not know."""


class ClosedError(TransientError):
    """1C lets nobody in for now: no licence is free, or the base is locked. The size of the question has nothing to do with it."""


class HeavyAnswerError(SourceError):
    """The server failed at an answer of this size; a smaller page may go through."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an answer says about its failure: 1C's internal code ('' if none) and its words."""

    code: str
    text: str


def read_complaint(content: bytes) -> Complaint | None:
    """The error in an answer's body, None if it holds none of the four shapes."""
    body = content.removeprefix(_BOM).strip()
    if body[:1] == b"{":
        return _from_json(body)
    if body[:1] != b"<":
        return None
    body = _in_utf8(body)
    found = _XML_ERROR.search(body)
    if found:
        return Complaint(found["code"].decode("utf-8", "replace").strip(), _short(found["text"].decode("utf-8", "replace")))
    if b"<html" not in body[:2000].lower() and b"<!doctype html" not in body[:2000].lower():
        return None
    reason = _REASON.search(body.decode("utf-8", "replace"))
    return Complaint("", _short(_TAG.sub(" ", reason[1])) if reason else html_hint(body))


def _in_utf8(page: bytes) -> bytes:
    """The page as UTF-8: a web server on a Russian Windows has pages of its own, in its code page."""
    try:
        page.decode()
    except UnicodeDecodeError:
        return page.decode("cp1251", "replace").encode()
    return page


def _from_json(body: bytes) -> Complaint | None:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    error = answer.get("odata.error", answer.get("error"))
    if isinstance(error, dict):
        return Complaint(str(error.get("code", "")).strip(), _short(_message(error.get("message"))))
    raised = answer.get("exception")
    if not isinstance(raised, dict):
        return None
    texts = []
    while isinstance(raised, dict):  # the cause stands innermost
        texts.append(_message(raised.get("descr")))
        raised = raised.get("inner")
    return Complaint("", _short(" ".join(text for text in texts if text)))


def _message(value: Any) -> str:
    return str(value.get("value", "")) if isinstance(value, dict) else str(value or "")


def _short(text: str) -> str:
    return redact(" ".join(text.split()))[:_MAX_TEXT]


def explainer(
    source: str,
    user: str,
    entity: str,
    *,
    let_in: bool = False,
    instance: bool = False,
    divisible: bool = False,
    seen: Callable[[int], None] | None = None,
) -> Explain:
    """Reads an answer about one entity.

    Args:
        source: name of the source, for the sentence.
        user: name of the 1C user, for the sentence.
        entity: what was asked for.
        let_in: the user's name and password have been taken already.
        instance: one of its entries, by its key.
        divisible: the same can be asked for in smaller pages, so a failing server is not asked for this size again.
        seen: told the number of bytes that arrived.
    """

    def explain(response: httpx.Response) -> SourceError | None:
        if seen is not None:
            seen(len(response.content))
        status = response.status_code
        if status < httpx.codes.MULTIPLE_CHOICES and response.content[:32].lstrip(_BOM + b" \r\n\t")[:1] not in (b"<", b"{"):
            return None
        if status < httpx.codes.MULTIPLE_CHOICES and not _may_be_error(response.content):
            return None
        complaint = read_complaint(response.content)
        if status < httpx.codes.MULTIPLE_CHOICES and complaint is None:
            return None
        return _error(status, complaint or Complaint("", ""), _Asked(source, user, entity, let_in, instance, divisible))

    return explain


def demanding(explain: Explain, source: str, what: str, is_whole: Callable[[bytes], bool]) -> Explain:
    """The same reading, and a successful answer that is not whole is asked for again."""

    def check(response: httpx.Response) -> SourceError | None:
        problem = explain(response)
        if problem is not None or response.status_code >= httpx.codes.MULTIPLE_CHOICES:
            return problem
        if is_whole(response.content.removeprefix(_BOM).strip()):
            return None
        return TransientError(f"{source}: the answer with {what} is broken off or something else came instead.")

    return check


def _may_be_error(content: bytes) -> bool:
    head = content[:400].lower()
    return b"odata.error" in head or b'"exception"' in head or b"<html" in head or b"<!doctype html" in head or b":error" in head


@dataclass(frozen=True, slots=True)
class _Asked:
    source: str
    user: str
    entity: str
    let_in: bool
    instance: bool
    divisible: bool


def _error(status: int, complaint: Complaint, asked: _Asked) -> SourceError | None:
    if _LOGIN.search(complaint.text):
        return _wrong_password(asked)
    if complaint.code == ACCESS_DENIED:
        return _no_rights(asked, complaint)
    if status == httpx.codes.UNAUTHORIZED:  # rows beyond the user's rights are answered so too, on old platforms without a code
        return _no_rights(asked, complaint) if asked.let_in or _RIGHTS.search(complaint.text) else _wrong_password(asked)
    if status == httpx.codes.FORBIDDEN:
        return _no_rights(asked, complaint)
    if complaint.code == INSTANCE_UNKNOWN or (asked.instance and status == httpx.codes.NOT_FOUND and not complaint.code):
        # IIS puts its own page in the place of what 1C says, unless it is told not to (existingResponse)
        return GoneError(f"{asked.source}: 1C has no such record in {asked.entity}.")
    if complaint.code in {ENTITY_UNKNOWN, WRONG_ADDRESS} or (status == httpx.codes.NOT_FOUND and not _TOO_LONG.search(complaint.text)):
        return _not_found(asked, complaint)
    if _is_refusal(status, complaint):
        return QueryRefusedError(f"{asked.source}: 1C does not take the query for {asked.entity}: {complaint.text or status}.")
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status < httpx.codes.MULTIPLE_CHOICES:
        return _failure(status, complaint, asked)
    return None


def _is_refusal(status: int, complaint: Complaint) -> bool:
    """Whether the same question would be refused again: a code that tells so, or the platform's words of a query it cannot read."""
    if status in _REFUSALS or complaint.code in _QUERY_FAULTS or _TOO_LONG.search(complaint.text):
        return True
    failed = status == httpx.codes.INTERNAL_SERVER_ERROR or status < httpx.codes.MULTIPLE_CHOICES
    if not failed or _TOO_HEAVY.search(complaint.text) or _CLOSED.search(complaint.text):
        return False
    return complaint.code not in _ANY_FAILURE or _QUERY_WORDS.search(complaint.text) is not None


def _failure(status: int, complaint: Complaint, asked: _Asked) -> SourceError | None:
    if _CLOSED.search(complaint.text):
        what = "it will be tried again; if it stays so, free a licence (end a hung session) or wait until the base is unlocked"
        return ClosedError(f"{asked.source}: 1C lets nobody in at the moment ({complaint.text}); {what}.")
    broken = status in {httpx.codes.INTERNAL_SERVER_ERROR, httpx.codes.GATEWAY_TIMEOUT}
    if asked.divisible and (_TOO_HEAVY.search(complaint.text) or broken):
        return HeavyAnswerError(f"{asked.source}: 1C failed at {asked.entity} ({complaint.text or status}).")
    if complaint.text and status < httpx.codes.MULTIPLE_CHOICES:
        what = "if it stays so, open url in a browser: it must lead to …/odata/standard.odata/ of the publication, and to no login page"
        return TransientError(f"{asked.source}: 1C sent an error instead of {asked.entity} ({complaint.text}); {what}.")
    if complaint.text:
        return TransientError(
            f"{asked.source}: 1C failed at {asked.entity} ({status}: {complaint.text}); it is asked again; if it stays so, ask the "
            "administrator of 1C whether the base is closed or overloaded."
        )
    return None


def _wrong_password(asked: _Asked) -> PermanentError:
    return PermanentError(
        f'{asked.source}: 1C did not let the user "{asked.user}" in: the name or the password is wrong; correct username and password '
        "of this source, and check in 1C that this user signs in with a password."
    )


def _no_rights(asked: _Asked, complaint: Complaint) -> PermanentError:
    words = f" ({complaint.text})" if complaint.text else ""
    return NoRightsError(
        f'{asked.source}: the 1C user "{asked.user}" may not read all of {asked.entity}{words}; give it the right to read every record, '
        "or set allowed_only = true to leave out what it may not see."
    )


def _not_found(asked: _Asked, complaint: Complaint) -> PermanentError:
    words = f" ({complaint.text})" if complaint.text else ""
    if asked.entity == OBJECTS_LIST:
        return NotPublishedError(
            f"{asked.source}: there is no OData interface at this address{words}; check url, which ends with /odata/standard.odata/, and "
            "publish it in 1C's configurator (Administration → Publish on web server → «Публиковать стандартный интерфейс OData»)."
        )
    return NotPublishedError(
        f"{asked.source}: 1C does not publish {asked.entity}{words}; check url, and tick the object in 1C under "
        "«Настройка стандартного интерфейса OData»."
    )
