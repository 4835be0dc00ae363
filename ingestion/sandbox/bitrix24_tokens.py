"""Bitrix24's keys: incoming webhooks (user and code in the address), and OAuth pairs of an hour whose refresh token rotates."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingestion.spec import JsonObject

ACCESS_SECONDS = 3_600
REFRESH_SECONDS = 180 * 86_400
WEBHOOK_USER = 1
WEBHOOK_CODE = "sandboxwebhookcode"


@dataclass
class PortalTokens:
    """Gives and checks keys.

    Attributes:
        webhooks: (user id, code) pairs that are valid.
        client_id, client_secret: of the one local application.
        access_seconds: life of an access token.
        unpaid: the subscription has ended: refreshing answers PAYMENT_REQUIRED.
        clock: seconds since 1970.
    """

    webhooks: set[tuple[str, str]] = field(default_factory=lambda: {(str(WEBHOOK_USER), WEBHOOK_CODE)})
    client_id: str = "local.sandbox"
    client_secret: str = "sandbox-secret"
    access_seconds: int = ACCESS_SECONDS
    unpaid: bool = False
    clock: Callable[[], float] = time.time
    access: dict[str, float] = field(default_factory=dict)
    refresh: dict[str, float] = field(default_factory=lambda: {"sandbox-refresh-0": float("inf")})
    issued: int = 0

    def refusal(self, token: str | None) -> tuple[str, str] | None:
        """Why an access token does not open the door: error and description; None if it does."""
        if not token or token not in self.access:
            return "NO_AUTH_FOUND", "Wrong authorization data"
        if self.access[token] <= self.clock():
            return "expired_token", "The access token provided has expired."
        return None

    def exchange(self, arguments: Mapping[str, Any], endpoint: str) -> tuple[int, JsonObject]:
        """Answer `/oauth/token/`: HTTP status and body."""
        if self.unpaid:
            return 400, {"error": "PAYMENT_REQUIRED", "error_description": "Payment required"}
        if arguments.get("client_id") != self.client_id or arguments.get("client_secret") != self.client_secret:
            return 400, {"error": "invalid_client", "error_description": "Client credentials are wrong"}
        if arguments.get("grant_type") != "refresh_token":
            return 400, {"error": "invalid_request", "error_description": "Unsupported grant type"}
        if self.refresh.pop(str(arguments.get("refresh_token")), 0.0) <= self.clock():
            return 400, {"error": "invalid_grant", "error_description": "The refresh token is not valid"}
        self.issued += 1
        now = self.clock()
        access, refresh = f"sandbox-access-{self.issued}", f"sandbox-refresh-{self.issued}"
        self.access[access] = now + self.access_seconds
        self.refresh[refresh] = now + REFRESH_SECONDS
        return 200, {
            "access_token": access,
            "client_endpoint": f"{endpoint}/rest/",
            "domain": "oauth.bitrix.info",
            "expires": int(now) + self.access_seconds,
            "expires_in": self.access_seconds,
            "member_id": "a223c6b3710f85df22e9377d6c4f7553",
            "refresh_token": refresh,
            "scope": "crm,user,telephony",
            "server_endpoint": f"{endpoint}/rest/",
            "status": "L",
            "user_id": WEBHOOK_USER,
        }
