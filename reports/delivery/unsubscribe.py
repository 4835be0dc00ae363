"""One-click unsubscribing: a link signed for one report and one address, taken by the dashboard's server (RFC 8058).

The key is drawn once per data folder and kept in `<path>/state/unsubscribe.key`; links carry no figure and open nothing else.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from html import escape
from pathlib import Path

from reports.delivery.recipients import Recipient
from reports.delivery.standing import READERS_WORD, Standing
from reports.errors import ReportsError
from reports.journal import Journal
from reports.settings import Settings
from reports.wording import Words, load_words

KEY_FILE = "unsubscribe.key"
PATH = "/unsubscribe"


class LinkError(ReportsError):
    """A link that we did not sign."""


def unsubscribe_url(settings: Settings, report: str, recipient: Recipient) -> str:
    """The recipient's own link; empty without a dashboard address or for other channels than mail."""
    base = settings.dashboard.url.rstrip("/")
    # mail programs take one-click only over https; others would show the header as broken
    if recipient.channel != "email" or not base.startswith("https://"):
        return ""
    body = _encoded(json.dumps([report, recipient.address], ensure_ascii=False, separators=(",", ":")).encode())
    return f"{base}{PATH}?t={body}.{_signature(settings, body)}"


def read_link(settings: Settings, token: str) -> tuple[str, str]:
    """(report, address) of a link's token.

    Raises:
        LinkError: if it is not one of ours.
    """
    body, _, signature = token.partition(".")
    try:
        if not hmac.compare_digest(signature.encode(), _signature(settings, body).encode()):
            msg = "The link is not valid: it was cut or changed; ask the administrator to stop the report."
            raise LinkError(msg)
        report, address = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, UnicodeError) as error:
        msg = "The link is not valid: it was cut or changed; ask the administrator to stop the report."
        raise LinkError(msg) from error
    return str(report), str(address)


def unsubscribe(settings: Settings, token: str) -> tuple[str, str]:
    """Stops a report for an address, for good, until the administrator takes it back; only ever called for a POST.

    Raises:
        LinkError: if the link is not one of ours.
    """
    report, address = read_link(settings, token)
    with Journal(settings.warehouse.path / "state") as journal:
        Standing(journal.store).stop(report, "email", address, READERS_WORD)
    return report, address


def page(settings: Settings, token: str, *, stopped: bool = False) -> str:
    """The page that a link opens: a question with a button, which posts, or the word that it is done; in the company's language.

    Raises:
        LinkError: if the link is not one of ours.
    """
    words = load_words(settings.company.locale)
    report, address = read_link(settings, token)
    places = {"title": words.text(f"report.{report}"), "address": address}
    if stopped:
        done = words.text("unsubscribe.done", **places)
        body = f"<p>{escape(done)}</p>"
    else:
        question, button = words.text("unsubscribe.question", **places), words.text("unsubscribe.button")
        body = f'<p>{escape(question)}</p><form method="post"><button>{escape(button)}</button></form>'
    return _document(words, settings, body)


def invalid_page(settings: Settings) -> str:
    """The page of a link that was cut on its way, in the company's language."""
    words = load_words(settings.company.locale)
    told = words.text("unsubscribe.invalid")
    return _document(words, settings, f"<p>{escape(told)}</p>")


def _document(words: Words, settings: Settings, body: str) -> str:
    style = "font:17px/1.5 system-ui,Arial,sans-serif;max-width:34em;margin:15vh auto;padding:0 1em"
    return (
        f'<!doctype html><html lang="{words.locale}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta name="robots" content="noindex"><title>{escape(settings.company.name)}</title><body style="{style}">{body}</body></html>'
    )


def _signature(settings: Settings, body: str) -> str:
    return _encoded(hmac.new(_key(settings.warehouse.path / "state"), body.encode(), hashlib.sha256).digest()[:16])


def _key(folder: Path) -> bytes:
    path = folder / KEY_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = folder / f"{KEY_FILE}.{os.getpid()}.{secrets.token_hex(4)}"
        half.touch(mode=0o600)
        half.write_bytes(secrets.token_bytes(32))
        try:
            # linking fails where a key is there already, so two first senders agree on one
            path.hardlink_to(half)
        except FileExistsError:
            pass
        finally:
            half.unlink()
    return path.read_bytes()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
