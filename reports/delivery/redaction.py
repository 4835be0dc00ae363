"""Keeps the bot's token and webhooks' secrets out of log lines and errors; httpx logs whole addresses."""

import logging
import re
from urllib.parse import urlsplit

MASK = "***"
_TOKEN = re.compile(r"(bot)?\d{5,}:[A-Za-z0-9_-]{10,}")


def redact(text: str) -> str:
    """The text with every bot token masked."""
    return _TOKEN.sub(lambda match: f"{match[1] or ''}{MASK}", text)


def bare_address(address: str) -> str:
    """Scheme and host only: a webhook's path or query is often its password."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or ''}"


def quiet_http_logs() -> None:
    """Silences the lines in which httpx tells whole addresses, with a bot's token or a webhook's secret in them."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
