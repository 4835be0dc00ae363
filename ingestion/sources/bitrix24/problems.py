"""Bitrix24's errors in words: `{"error": code, "error_description": text}`, alone or inside a batch (crm.md 2.2, 2.4)."""

from __future__ import annotations

from typing import Any

import httpx

from ingestion.errors import PermanentError, SourceError, TransientError


class ExpiredTokenError(PermanentError):
    """The OAuth access token ended; another may be had."""


class MethodMissingError(PermanentError):
    """The portal does not know the method, or not for this kind of object."""


class MissingRightError(PermanentError):
    """The key lacks a scope or its user a right."""


_BUSY = frozenset({"QUERY_LIMIT_EXCEEDED", "INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER", "ERROR_CORE"})
_NO_METHOD = frozenset({"ERROR_METHOD_NOT_FOUND", "ENTITY_TYPE_NOT_SUPPORTED"})
_NO_ITEM = frozenset({"NOT_FOUND", "INVALID_ARG_VALUE"})  # crm.item.list does not know this kind, or a field of ours in its filter
_EXPIRED = "the access token has expired"
_WRONG_KEY = "the webhook or token is wrong or was deleted; make a new one as an administrator"
_RIGHTS = "not allowed; give the webhook the needed scope and make it as an administrator"
_KNOWN: dict[str, tuple[type[PermanentError], str]] = {
    "expired_token": (ExpiredTokenError, _EXPIRED),
    "invalid_token": (ExpiredTokenError, _EXPIRED),
    "NO_AUTH_FOUND": (ExpiredTokenError, _WRONG_KEY),
    "INVALID_CREDENTIALS": (PermanentError, _WRONG_KEY),
    "WRONG_AUTH_TYPE": (PermanentError, _WRONG_KEY),
    "authorization_error": (PermanentError, _WRONG_KEY),
    "invalid_client": (PermanentError, _WRONG_KEY),
    "insufficient_scope": (MissingRightError, _RIGHTS),
    "INSUFFICIENT_SCOPE": (MissingRightError, _RIGHTS),
    "ACCESS_DENIED": (MissingRightError, _RIGHTS),
    "allowed_only_intranet_user": (MissingRightError, _RIGHTS),
    "user_access_error": (MissingRightError, _RIGHTS),
    "PAYMENT_REQUIRED": (PermanentError, "the portal's plan does not allow REST; pay a plan or the Market subscription"),
    "PORTAL_DELETED": (PermanentError, "this portal is deleted, or its public part is closed; correct the address, or open it"),
    "OVERLOAD_LIMIT": (PermanentError, "Bitrix24 has blocked the REST API of this portal by hand for overload; ask its support to lift it"),
}


def problem(source: str, method: str, error: Any, description: Any, status: int, rest: float) -> SourceError:
    """The error that a code means.

    Args:
        source: the source's name.
        method: that was called.
        error: Bitrix24's code; may be empty or a number.
        description: its text.
        status: of HTTP; 200 inside a batch.
        rest: seconds until the method may work again, for OPERATION_TIME_LIMIT.
    """
    code, words = str(error), f"{source}: {method}: "
    if code == "OPERATION_TIME_LIMIT":
        return TransientError(f"{words}this method has used up its working time of ten minutes.", retry_after=rest)
    if code in _BUSY:
        return TransientError(f"{words}the portal is busy ({code}).")
    if "commercial" in str(description).lower():
        code = "PAYMENT_REQUIRED"
    if code not in _KNOWN and str(description).strip(" .!").lower() == "access denied":
        code = "ACCESS_DENIED"  # which the older methods say without a code
    if code in _NO_METHOD or (code in _NO_ITEM and method.startswith("crm.item")):
        return MethodMissingError(f"{words}the portal has no such method or object ({code}).")
    if code in _KNOWN:
        kind, sentence = _KNOWN[code]
        return kind(f"{words}{sentence} ({code}).")
    told = f"{code or 'no code'}: {description}"[:300]
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return TransientError(f"{words}the portal failed ({status}, {told}).")
    return PermanentError(f"{words}the portal refuses the request ({told}).")
