"""The connector: streams to walks, and the check a person runs first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from ingestion.errors import PermanentError
from ingestion.sources.bitrix24.api import BitrixApi
from ingestion.sources.bitrix24.history import calls, stage_history
from ingestion.sources.bitrix24.items import ItemReader
from ingestion.sources.bitrix24.kinds import KINDS
from ingestion.sources.bitrix24.listings import Listing, Walker
from ingestion.sources.bitrix24.problems import MethodMissingError, MissingRightError
from ingestion.sources.bitrix24.records import page_of
from ingestion.sources.bitrix24.rows import RowReader
from ingestion.spec import Context, Extraction, Page

_SCOPES = {"crm": "everything", "user": "managers", "telephony": "calls"}
_CATEGORIES = Listing("crm.category.list", rows="categories", fixed={"entityTypeId": 2})
_OLD_CATEGORIES = Listing("crm.dealcategory.list")
_STATUSES = Listing("crm.status.list")
_CURRENCIES = Listing("crm.currency.list")
_USERS = Listing("user.get", fixed={"sort": "ID", "order": "ASC", "ADMIN_MODE": True})
NEEDED = frozenset({"statuses", "leads", "deals", "contacts", "companies"})
"""Streams without which nothing can be told; the others a portal may lack or a key may not see."""


class BitrixConnector:
    """One configured portal.

    Args:
        api: its HTTP.
        context: of the configured source.
        webhook: whether the key is a webhook.
    """

    def __init__(self, api: BitrixApi, context: Context, *, webhook: bool) -> None:
        self._api = api
        self._context = context
        self._webhook = webhook
        self._walker = Walker(api)
        self._missing: set[str] = set()

    def check(self) -> str:
        """Whose key it is, and which scopes it lacks."""
        person = self._told("profile")
        name = " ".join(str(person.get(part) or "") for part in ("NAME", "LAST_NAME")).strip() if isinstance(person, dict) else ""
        parts = [f"Bitrix24 answers as {name or 'an unnamed user'}"]
        if isinstance(person, dict) and person.get("ADMIN") is False:
            parts.append("who is no administrator, so records hidden from this user will be missing")
        scopes = self._told("scope")
        given = {str(scope) for scope in scopes} if isinstance(scopes, list) else set()
        given |= {"user"} if given & {"user_basic", "user_brief"} else set()
        lacking = [f"{scope} ({what})" for scope, what in _SCOPES.items() if scope not in given]
        if given and "crm" not in given:
            message = (
                f"{self._context.source}: the {'webhook' if self._webhook else 'application'} lacks the scope crm; add it in Bitrix24."
            )
            raise PermanentError(message)
        if given and lacking:
            parts.append(f"the key lacks the scopes {', '.join(lacking)}")
        return "; ".join(parts) + "."

    def _told(self, method: str) -> Any:
        """What a method says of the key; None on a portal without it."""
        try:
            return self._api.call(method).result
        except MethodMissingError:
            return None

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of one stream; one that this portal lacks or hides is told to the person and left as it is."""
        name = request.stream.name
        try:
            yield from self._stream(request)
        except PermanentError as problem:
            is_lesser = name not in NEEDED and isinstance(problem, MethodMissingError | MissingRightError)
            if not is_lesser and name != "custom_fields":  # without it a list's value stays a number, which is no reason to stop
                raise
            self._context.note(f"{name} is not loaded: {problem}")

    def _stream(self, request: Extraction) -> Iterator[Page]:
        name, zone = request.stream.name, self._context.timezone
        low = int(datetime.combine(request.since, time(), zone).timestamp())
        high = int(request.now.timestamp())
        if self._api.server_time is not None:
            high = min(high, int(self._api.server_time))
        if name in KINDS:
            reader = ItemReader(self._walker, KINDS[name], self._context, low=low, high=high, missing=self._missing)
            yield from reader.extract(request)
        elif name == "product_rows":
            rows = RowReader(self._api, self._walker, self._context, low=low, high=high, missing=self._missing)
            yield from rows.extract(request)
        elif name == "stage_history":
            yield from stage_history(self._walker, request.cursor, low, zone)
        elif name == "calls":
            yield from calls(self._walker, request.cursor, low, high, zone)
        elif name == "users":
            yield from self._users()
        elif name == "categories":
            yield from self._categories()
        elif name == "custom_fields":
            yield self._custom_fields()
        elif name == "statuses":
            # usually in one piece, whatever their number; the documentation's own examples count with pages
            for found in self._walker.offsets(_STATUSES, {}):
                yield page_of(found, zone)
        else:
            for found in self._walker.offsets(_CURRENCIES, {}):
                yield page_of(found, zone, keys=("CURRENCY",))

    def _custom_fields(self) -> Page:
        """Descriptions of the deals' own fields: a list's value is the number of its entry, whose text stands here (crm.md 2.5)."""
        try:
            found = self._api.call("crm.item.fields", {"entityTypeId": 2, "useOriginalUfNames": "Y"}).result
            fields = found.get("fields") if isinstance(found, dict) else None
        except MethodMissingError:
            fields = self._api.call("crm.deal.fields").result
        rows = []
        for name, field in fields.items() if isinstance(fields, dict) else ():
            told = str(field.get("upperName") or name) if isinstance(field, dict) else name
            if isinstance(field, dict) and told.upper().startswith("UF_"):
                rows.append({**field, "_field": told, "_entity": "deal"})
        return page_of(rows, self._context.timezone, keys=("_field",), prefix="deal:")

    def _users(self) -> Iterator[Page]:
        """Everybody, and the dismissed once more by name, for some portals leave them out."""
        for condition in ({}, {"FILTER": {"ACTIVE": False}}):
            for rows in self._walker.offsets(_USERS, condition):
                yield page_of(rows, self._context.timezone, keys=("ID", "id"))

    def _categories(self) -> Iterator[Page]:
        """Deal funnels; the older method does not list the general one, whose id is 0."""
        try:
            for rows in self._walker.offsets(_CATEGORIES, {}):
                yield page_of(rows, self._context.timezone)
        except MethodMissingError:
            general: dict[str, Any] = {"ID": "0", "NAME": "", "SORT": "0"}
            default = self._api.call("crm.dealcategory.default.get").result
            yield page_of([general | default if isinstance(default, dict) else general], self._context.timezone)
            for rows in self._walker.offsets(_OLD_CATEGORIES, {"order": {"ID": "ASC"}}):
                yield page_of(rows, self._context.timezone)
