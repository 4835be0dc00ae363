"""The connector: streams to walks, and the check a person runs first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ingestion.errors import PermanentError
from ingestion.sources.amocrm.api import AmoApi, DeniedError, GoneError
from ingestion.sources.amocrm.cards import CARDS, OVERLAP_SECONDS, CardReader, since_seconds
from ingestion.sources.amocrm.events import HISTORY_TYPES, events, windows
from ingestion.sources.amocrm.notes import call_notes
from ingestion.sources.amocrm.records import page_of
from ingestion.sources.amocrm.walks import Feed
from ingestion.spec import Context, Extraction, JsonObject, Page

_WARN_DAYS = 21  # before a long-lived token ends

DICTIONARIES: dict[str, tuple[Feed, ...]] = {
    "users": (Feed("users", "users", (("with", "role,group,phone_number"),)),),
    "pipelines": (Feed("leads/pipelines", "pipelines"),),
    "loss_reasons": (Feed("leads/loss_reasons", "loss_reasons"),),
    "custom_fields": tuple(Feed(f"{entity}/custom_fields", "custom_fields") for entity in ("leads", "contacts", "companies")),
}
NEEDED = frozenset({"account", "users", "pipelines", "leads", "contacts", "companies"})
_ACCOUNT = (("with", "amojo_id,users_groups,task_types,datetime_settings,is_api_filter_enabled"),)


class AmoConnector:
    """One configured amoCRM or Kommo account.

    Args:
        api: its HTTP.
        context: of the configured source.
        expires_at: when a long-lived token ends, if that can be read.
    """

    def __init__(
        self,
        api: AmoApi,
        context: Context,
        *,
        expires_at: datetime | None = None,
    ) -> None:
        self._api = api
        self._context = context
        self._expires_at = expires_at
        self._account: JsonObject | None = None
        self._warned = False

    def check(self) -> str:
        """Who the token belongs to, and whether the account filters by change time."""
        account = self._read_account()
        try:
            user = self._api.one(f"users/{account.get('current_user_id')}") or {}
        except DeniedError:
            user = {"rights": {"is_admin": False}}  # only administrators see users
        rights = user.get("rights")
        parts = [f"amoCRM «{account.get('name')}» ({account.get('subdomain')}) answers"]
        if isinstance(rights, dict) and rights.get("is_admin") is False:
            parts.append("the token's user is no administrator, so records hidden from this user will be missing")
        if not self._filters():
            parts.append("its filter option is off (amoCRM's support switches it on), lists are read from their newest end instead")
        if self._expires_at is not None:
            parts.append(f"the token is good until {self._expires_at:%Y-%m-%d}")
        return "; ".join(parts) + "."

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of one stream; a lesser one that this account lacks or hides is told to the person and left as it is."""
        self._warn_of_expiry()
        try:
            yield from self._stream(request)
        except (GoneError, DeniedError) as problem:
            if request.stream.name in NEEDED:
                raise
            self._context.note(f"{request.stream.name} is not loaded: {problem}")

    def _stream(self, request: Extraction) -> Iterator[Page]:
        name = request.stream.name
        if name == "account":
            self._account = None
            yield page_of([self._read_account()])
            return
        if name in DICTIONARIES:
            yield from self._dictionary(name)
            return
        if name == "unsorted":
            yield from self._unsorted()
            return
        filters = self._filters()
        high = self._high(request)
        low = since_seconds(request, self._context.timezone)
        if name in CARDS:
            yield from CardReader(self._api, CARDS[name], filters=filters, high=high, low=low, note=self._context.note).extract(request)
        elif name == "events":
            yield from self._events(request, low, high)
        else:
            yield from call_notes(self._api, request.cursor, low, high, self._context.note)

    def _events(self, request: Extraction, low: int, high: int) -> Iterator[Page]:
        if request.cursor is not None:
            low = max(int(request.cursor["to"]) - OVERLAP_SECONDS, low)
        for start, end in windows(low, high):
            for rows in events(self._api, HISTORY_TYPES, start, end):
                yield page_of(rows)
            yield Page(cursor={"to": end})

    def _dictionary(self, name: str) -> Iterator[Page]:
        """All entries. What disappears there stays here: history still names dismissed users, removed stages and reasons."""
        for feed in DICTIONARIES[name]:
            prefix = f"{feed.path.partition('/')[0]}:" if name == "custom_fields" else ""
            for rows in self._pages(feed):
                yield page_of(rows, prefix=prefix)

    def _unsorted(self) -> Iterator[Page]:
        """Everything that waits now; what was accepted or declined meanwhile is gone from the list."""
        for rows in self._pages(Feed("leads/unsorted", "unsorted"), ("order[created_at]", "asc")):
            yield page_of(rows, key="uid")
        yield Page(complete=True)

    def _pages(self, feed: Feed, *query: tuple[str, str]) -> Iterator[list[Any]]:
        number = 1
        while True:
            listing = feed.page(self._api, number, *query)
            yield listing.rows
            if not listing.more or listing.empty:
                return
            number += 1

    def _read_account(self) -> JsonObject:
        if self._account is None:
            account = self._api.get("account", _ACCOUNT)
            if not account:
                message = f"{self._context.source}: the account does not show itself; check url in skvoz.toml."
                raise PermanentError(message)
            self._account = account
        return self._account

    def _filters(self) -> bool:
        """Whether lists may be filtered: False only where the account says so (Kommo no longer mentions the flag, crm.md 1.4)."""
        account = self._read_account()
        return account.get("is_api_filter_enabled") is not False

    def _high(self, request: Extraction) -> int:
        now = int(request.now.timestamp())
        return now if self._api.server_time is None else min(now, int(self._api.server_time.timestamp()))

    def _warn_of_expiry(self) -> None:
        if self._expires_at is None or self._warned:
            return
        self._warned = True
        days = (self._expires_at - datetime.now(UTC)).days
        if days < _WARN_DAYS:
            self._context.note(
                f"the amoCRM token ends on {self._expires_at:%Y-%m-%d}; make a new one in the "
                "integration's settings (Keys and scopes) and set it before then."
            )
