"""Who gets it: addresses of skvoz.toml and of the command line turned into a channel, an address, and the reader's rights.

`email:ADDRESS` and `telegram:CHAT` that belong to a person (`skvoz user`) are read under that person's scope. `telegram:NAME` and
`email:NAME` are a person's linked chats and address. Any other address is the administrator's word: it gets scope *all*, as whoever
writes skvoz.toml can read everything anyway; but what was a removed person's is refused until somebody has it again. A report that is
made for managers alone is never sent on the administrator's word, because without a person there is no one whose slice it could be.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from reports.access import ALL, Scope, scope_of
from reports.delivery.errors import RecipientError
from reports.people import MAIL_ADDRESS, People, Person
from reports.spec import Report

ChannelName = Literal["email", "telegram", "file", "webhook"]
CHANNELS: tuple[ChannelName, ...] = ("email", "telegram", "file", "webhook")


@dataclass(frozen=True)
class Recipient:
    """One reader at one address.

    Attributes:
        channel: email, telegram, file or webhook.
        address: the mail address, chat id, folder or URL.
        person: the person's name, empty for the administrator's word.
        scope: whose rows they may see.
        role: the person's role, None for the administrator's word.
        locale: the person's language, empty for the company's.
    """

    channel: ChannelName
    address: str
    person: str = ""
    scope: Scope = ALL
    role: str | None = None
    locale: str = ""

    def __str__(self) -> str:
        """As in skvoz.toml."""
        return f"{self.channel}:{self.address}"


def resolve(texts: Iterable[str], people: People) -> list[Recipient]:
    """Recipients of a list of addresses, each once, in order.

    Raises:
        RecipientError: naming the address that cannot be read.
    """
    found: dict[tuple[str, str], Recipient] = {}
    for text in texts:
        for recipient in _one(text, people):
            found.setdefault((recipient.channel, recipient.address), recipient)
    return list(found.values())


def objection(report: Report, recipient: Recipient) -> str:
    """Why a report may not go to a recipient, as one sentence; empty if it may."""
    if recipient.role is None:
        return "it is made for one manager, and this address belongs to no person" if report.roles == {"manager"} else ""
    if recipient.role in report.roles:
        return ""
    return f"{recipient.person} has the role {recipient.role}, and the report is for {', '.join(sorted(report.roles))}"


def _one(text: str, people: People) -> list[Recipient]:
    channel, _, address = text.partition(":")
    address = address.strip()
    if channel not in CHANNELS or not address:
        msg = f"The recipient {text!r} cannot be read; write email:ADDRESS, telegram:CHAT, file:FOLDER or webhook:URL."
        raise RecipientError(msg)
    if channel == "email":
        if "@" in address:
            if not MAIL_ADDRESS.fullmatch(address):
                # "Name <address>" would reach the person's mailbox without being known as theirs, so under other rights
                msg = f"The recipient {text!r} is no mail address; write the bare one, such as email:director@example.ru."
                raise RecipientError(msg)
            known = people.by_email(address)
            if known is None:
                _refuse_former(f"email:{address.lower()}", people)
            # one mailbox, one row in the journal, however it is spelled
            local, _, domain = address.rpartition("@")
            return [_of(known, "email", known.email if known else f"{local}@{domain.lower()}")]
        person = people.get(address)
        if not person.email:
            msg = f"The recipient {text!r} has no e-mail address; give one with `skvoz user add`."
            raise RecipientError(msg)
        return [_of(person, "email", person.email)]
    if channel == "telegram":
        if address.lstrip("-").isdigit():
            chat = people.known_as(int(address))
            linked = people.by_chat(chat)
            if linked is None:
                _refuse_former(f"telegram:{chat}", people)
            return [_of(linked, "telegram", str(chat))]
        if address.startswith("@"):
            return [Recipient("telegram", address)]
        person = people.get(address)
        # a person who has not linked a chat yet gets nothing there, and `skvoz check` says so
        return [_of(person, "telegram", str(chat)) for chat in person.chats]
    if channel == "webhook" and not _is_web_address(address):
        msg = f"The recipient {text!r} must be an http or https address with a host."
        raise RecipientError(msg)
    return [Recipient(channel, address)]  # type: ignore[arg-type]  # one of CHANNELS, as was asked above


def _refuse_former(address: str, people: People) -> None:
    former = people.former(address)
    if former:
        msg = f"The recipient {address!r} was {former}'s, who was removed; take it out of skvoz.toml, or give it to somebody (skvoz user)."
        raise RecipientError(msg)


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _of(person: Person | None, channel: ChannelName, address: str) -> Recipient:
    if person is None:
        return Recipient(channel, address)
    return Recipient(channel, address, person.name, scope_of(person.role, person.scope), person.role, person.locale)
