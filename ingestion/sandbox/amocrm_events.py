"""The event object of amoCRM (`GET /api/v4/events`): the only place where stage history and deletions can be read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ingestion.spec import JsonObject

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_SINGULAR = {"leads": "lead", "contacts": "contact", "companies": "company", "tasks": "task", "customers": "customer"}


def singular(entity: str) -> str:
    """`leads` → `lead`: events name the kind in the singular, everything else in the plural."""
    return _SINGULAR[entity]


def event_id(at: int, nonce: str) -> str:
    """A lower-case ULID: 10 digits of the moment in milliseconds, 16 of chance (here of `nonce`)."""
    number = ((at * 1000) << 80) | int.from_bytes(hashlib.blake2b(nonce.encode(), digest_size=10).digest())
    digits: list[str] = []
    for _ in range(26):
        number, digit = divmod(number, 32)
        digits.append(_CROCKFORD[digit])
    return "".join(reversed(digits))


def event(
    kind: str,
    entity: str,
    key: int | str,
    at: int,
    *,
    account: JsonObject,
    nonce: str,
    by: int = 0,
    after: Sequence[JsonObject] = (),
    before: Sequence[JsonObject] = (),
) -> JsonObject:
    """One event.

    Args:
        kind: such as `lead_status_changed`.
        entity: plural, such as `leads`.
        key: id of the card.
        at: Unix seconds.
        account: for its id and subdomain.
        nonce: makes the id unique and repeatable.
        by: user id, 0 for robots.
        after: the new value as a list of one object, or nothing.
        before: the old value likewise.
    """
    identity = event_id(at, f"{kind}:{entity}:{key}:{nonce}")
    base = f"https://{account['subdomain']}.amocrm.ru/api/v4"
    return {
        "id": identity,
        "type": kind,
        "entity_id": key,
        "entity_type": singular(entity),
        "created_by": by,
        "created_at": at,
        "value_after": list(after),
        "value_before": list(before),
        "account_id": account["id"],
        "_links": {"self": {"href": f"{base}/events/{identity}"}},
        "_embedded": {"entity": {"id": key, "_links": {"self": {"href": f"{base}/{entity}/{key}"}}}},
    }
