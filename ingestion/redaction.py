"""Keeps secrets out of every log line and error: known values, and the places where these systems put them."""

from __future__ import annotations

import logging
import re
import threading
from urllib.parse import quote, urlsplit

MASK = "***"
_MIN_SECRET = 4  # shorter values would mask ordinary words

# a Bitrix24 webhook carries its code in the path: /rest/<user>/<code>/<method>
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(/rest/\d+/)[A-Za-z0-9]+"), r"\1" + MASK),
    (re.compile(r"(://)[^/\s:@]+:[^/\s@]+@"), r"\1" + MASK + "@"),
    (re.compile(r"(?i)\b(access_token|refresh_token|client_secret|auth|token|key|password|code|sign)=([^&\s\"']+)"), r"\1=" + MASK),
    (re.compile(r"(?i)\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 " + MASK),
    (re.compile(r"(?<!\d)\d{8,10}:[A-Za-z0-9_-]{30,}"), MASK),  # Telegram: /bot<id>:<code>/method
)

_secrets: set[str] = set()
_lock = threading.Lock()


def register_secret(value: str) -> None:
    """Remember a secret of this process, so that `redact` masks it wherever it turns up."""
    if len(value) >= _MIN_SECRET:
        with _lock:
            _secrets.update({value, quote(value, safe="")})


def redact(text: str) -> str:
    """The text with every registered secret and every secret-bearing part of an address masked."""
    with _lock:
        known = sorted(_secrets, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, _mask(secret))
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _mask(secret: str) -> str:
    """What stands for a secret: of a secret address its server too, or nobody learns where something failed."""
    try:
        parts = urlsplit(secret)
    except ValueError:
        return MASK
    if parts.scheme not in {"http", "https"} or not parts.hostname or not parts.path.strip("/"):
        return MASK
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{MASK}{'/' if secret.endswith('/') else ''}"


class RedactingFilter(logging.Filter):
    """Masks secrets in log records of any logger, third-party HTTP libraries included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's message in place; never drops a record."""
        record.msg = redact(record.getMessage())
        record.args = ()
        return True
