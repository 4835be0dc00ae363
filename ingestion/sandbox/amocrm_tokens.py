"""amoCRM's tokens: long-lived ones, and OAuth2 pairs whose refresh token dies the moment it is used."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from ingestion.spec import JsonObject

ACCESS_SECONDS = 86_400
REFRESH_SECONDS = 90 * 86_400
LONG_LIVED_TOKEN = "sandbox-long-lived-token"


def long_lived_token(expires_at: int, subdomain: str) -> str:
    """A token in the form of a long-lived one: a JWT whose `exp` and `base_domain` can be read (the signature is empty talk)."""

    def part(value: JsonObject) -> str:
        return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")

    claims = {"exp": expires_at, "base_domain": "amocrm.ru", "api_domain": f"{subdomain}.amocrm.ru", "scopes": ["crm"]}
    return f"{part({'typ': 'JWT', 'alg': 'RS256'})}.{part(claims)}.c2FuZGJveA"


@dataclass
class TokenDesk:
    """Gives and checks tokens.

    Attributes:
        long_lived: tokens of private integrations; no refresh, they only expire or are revoked.
        client_id, client_secret, redirect_uri: of the one registered integration; all three are compared at every exchange.
        codes: authorization codes not yet used.
        access_seconds: life of an access token.
        clock: seconds since 1970.
    """

    long_lived: set[str] = field(default_factory=lambda: {LONG_LIVED_TOKEN})
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"
    redirect_uri: str = "https://skvoz.example/amocrm"
    codes: set[str] = field(default_factory=lambda: {"sandbox-code"})
    access_seconds: int = ACCESS_SECONDS
    clock: Callable[[], float] = time.time
    access: dict[str, float] = field(default_factory=dict)
    refresh: dict[str, float] = field(default_factory=lambda: {"sandbox-refresh-0": float("inf")})
    issued: int = 0

    def allows(self, header: str | None) -> bool:
        """Whether an Authorization header opens the door now."""
        if header is None or not header.startswith("Bearer "):
            return False
        token = header.removeprefix("Bearer ")
        return token in self.long_lived or self.access.get(token, 0.0) > self.clock()

    def grant(self, expires_at: int, subdomain: str) -> str:
        """A new long-lived token that opens the door until then."""
        token = long_lived_token(expires_at, subdomain)
        self.access[token] = expires_at
        return token

    def revoke_access(self) -> None:
        """End every access token and long-lived token now; refresh tokens stay."""
        self.access.clear()
        self.long_lived.clear()

    def exchange(self, body: Mapping[str, Any]) -> tuple[int, JsonObject]:
        """Answer `POST /oauth2/access_token`: HTTP status and body."""
        if body.get("client_id") != self.client_id or body.get("client_secret") != self.client_secret:
            return _refusal(401, "Client authentication failed")
        if body.get("redirect_uri") != self.redirect_uri:
            return _refusal(400, "The redirect URI is missing or does not match")
        if body.get("grant_type") == "authorization_code":
            if body.get("code") not in self.codes:
                return _refusal(400, "Authorization code has been revoked")
            self.codes.discard(str(body["code"]))
            return 200, self._issue()
        if body.get("grant_type") == "refresh_token":
            token = str(body.get("refresh_token"))
            if self.refresh.pop(token, 0.0) <= self.clock():
                return _refusal(401, "Token has been revoked")
            return 200, self._issue()
        return _refusal(400, "Check the grant_type parameter")

    def _issue(self) -> JsonObject:
        self.issued += 1
        access = f"sandbox-access-{self.issued}"
        refresh = f"sandbox-refresh-{self.issued}"
        now = self.clock()
        self.access[access] = now + self.access_seconds
        self.refresh[refresh] = now + REFRESH_SECONDS
        return {
            "token_type": "Bearer",
            "expires_in": self.access_seconds,
            "server_time": int(now),
            "access_token": access,
            "refresh_token": refresh,
        }


def _refusal(status: int, hint: str) -> tuple[int, JsonObject]:
    return status, {
        "hint": hint,
        "title": "Некорректный запрос",
        "type": "https://developers.amocrm.ru/v3/errors/OAuthProblemJson",
        "status": status,
        "detail": "В запросе отсутствует ряд параметров или параметры невалидны",
    }
