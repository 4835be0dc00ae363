"""People, `<path>/state/people.sqlite`: who they are, whose rows they may see, their chats, and the codes that link a chat.

Passwords are kept as argon2 hashes, codes as SHA-256 of themselves: they live ten minutes and are drawn from 2^40.
"""

import hashlib
import re
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from reports.access import Scope
from reports.delivery.store import Store
from reports.errors import ReportsError
from reports.spec import Role

ROLES: tuple[Role, ...] = get_args(Role)
CODE_MINUTES = 10
# Whoever guesses codes gets this many tries per chat and ten minutes: 10 of 2^40.
CODE_TRIES = 10
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
MAIL_ADDRESS = re.compile(r"[^@\s<>(),;:\"\\]+@[^@\s<>(),;:\"\\]+")

MIGRATIONS = (
    """
    create table people (
        name text primary key, role text not null, scope_kind text not null, scope_value text not null,
        email text unique, locale text not null default '', password_hash text not null default '', created_at text not null
    );
    create table chats (
        chat_id integer primary key, person text not null references people (name) on delete cascade, linked_at text not null
    );
    create table codes (digest text primary key, person text not null references people (name) on delete cascade, expires_at text not null);
    create table tries (chat_id integer not null, at text not null);
    create table bot (name text primary key, value text not null)
    """,
    "create table moved_chats (chat_id integer primary key, known_as integer not null)",
    "create table closed (address text primary key, person text not null)",
)

WHERE_KEYS_ARE = 'skvoz query "select manager_key, manager_name, department from dim_managers"'


class PeopleError(ReportsError):
    """A person that does not exist or cannot be as asked."""


@dataclass(frozen=True)
class Person:
    """Somebody who reads figures.

    Attributes:
        name: short and unique, as on the command line.
        role: director, marketer, analyst or manager.
        scope: whose rows they may see.
        email: their address, lower case, empty for none.
        locale: their language, empty for the company's.
        chats: their linked Telegram chats.
        has_password: whether they can log in to the pages.
    """

    name: str
    role: Role
    scope: Scope
    email: str
    locale: str
    chats: tuple[int, ...]
    has_password: bool


class People:
    """The people of one data folder."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Opens `people.sqlite` in the state folder."""
        self.store = Store(folder / "people.sqlite", MIGRATIONS)
        self._now = now

    def add(self, name: str, role: Role, scope: Scope, email: str = "", locale: str = "") -> Person:
        """Adds a person.

        Raises:
            PeopleError: if the name or address is taken or malformed, or the role and the scope do not fit.
        """
        email = email.strip().lower()
        if not _NAME.fullmatch(name):
            msg = f"The name {name!r} must be lower-case Latin letters, digits, dots and dashes, not beginning with a sign."
            raise PeopleError(msg)
        if role not in ROLES:
            msg = f"The role {role!r} is not one of {', '.join(ROLES)}."
            raise PeopleError(msg)
        if role == "manager" and scope.kind == "all":
            msg = f"{name} is a manager, so say whose rows: --scope manager:KEY or --scope department:NAME."
            raise PeopleError(msg)
        if email and not MAIL_ADDRESS.fullmatch(email):
            msg = f"{email!r} is no e-mail address."
            raise PeopleError(msg)
        try:
            with self.store.writing() as connection:
                connection.execute(
                    "insert into people (name, role, scope_kind, scope_value, email, locale, created_at) values (?, ?, ?, ?, ?, ?, ?)",
                    (name, role, scope.kind, scope.value, email or None, locale, self._now().isoformat()),
                )
                connection.execute("delete from closed where address = ?", (f"email:{email}",))
        except sqlite3.IntegrityError as error:
            or_address = f" or the address {email}" if email else ""
            msg = f"There is already a person with the name {name}{or_address}; see `skvoz user list`."
            raise PeopleError(msg) from error
        return self.get(name)

    def remove(self, name: str) -> None:
        """Removes a person with their chats and codes.

        Their addresses are closed until somebody has them again: an address of nobody sees everything, and who has left would.
        """
        person = self.get(name)
        addresses = [f"telegram:{chat}" for chat in person.chats] + ([f"email:{person.email}"] if person.email else [])
        with self.store.writing() as connection:
            connection.executemany("insert or replace into closed (address, person) values (?, ?)", [(one, name) for one in addresses])
            connection.execute("delete from people where name = ?", (name,))

    def former(self, address: str) -> str:
        """Whose address it was, as in skvoz.toml, that nobody has had since they were removed; empty for any other."""
        rows = self.store.rows("select person from closed where address = ?", (address,))
        return str(rows[0]["person"]) if rows else ""

    def everybody(self) -> list[Person]:
        """All people by name."""
        chats: dict[str, list[int]] = {}
        for row in self.store.rows("select person, chat_id from chats order by linked_at, chat_id"):
            chats.setdefault(row["person"], []).append(row["chat_id"])
        return [
            Person(
                row["name"],
                row["role"],
                Scope(row["scope_kind"], row["scope_value"]),
                row["email"] or "",
                row["locale"],
                tuple(chats.get(row["name"], ())),
                bool(row["password_hash"]),
            )
            for row in self.store.rows("select * from people order by name")
        ]

    def get(self, name: str) -> Person:
        """The person of that name.

        Raises:
            PeopleError: if there is none.
        """
        for person in self.everybody():
            if person.name == name:
                return person
        msg = f"There is no person {name!r}; see `skvoz user list`, or add them: skvoz user add {name} --role …"
        raise PeopleError(msg)

    def by_email(self, address: str) -> Person | None:
        """Whose address it is."""
        return next((person for person in self.everybody() if person.email and person.email == address.strip().lower()), None)

    def by_chat(self, chat_id: int) -> Person | None:
        """Whose chat it is, by the id it has now or was linked under."""
        chat_id = self.known_as(chat_id)
        return next((person for person in self.everybody() if chat_id in person.chats), None)

    def set_password(self, name: str, password: str) -> None:
        """Sets the password for the pages; at least ten characters."""
        self.get(name)
        if len(password) < 10:
            msg = "The password is too short: take at least ten characters."
            raise PeopleError(msg)
        with self.store.writing() as connection:
            connection.execute("update people set password_hash = ? where name = ?", (PasswordHasher().hash(password), name))

    def verify_password(self, name: str, password: str) -> bool:
        """Whether that is the person's password; takes as long for a person who does not exist or has none."""
        rows = self.store.rows("select password_hash from people where name = ?", (name,))
        known = rows[0]["password_hash"] if rows else ""
        hasher = PasswordHasher()
        try:
            verified = hasher.verify(known or _nobodys_hash(), password)
        except (VerificationError, InvalidHashError):
            return False
        if known and hasher.check_needs_rehash(known):
            self.set_password(name, password)
        return verified and bool(known)

    def stamp(self, name: str) -> str:
        """What changes with the person's password and with their being added anew; empty for nobody."""
        rows = self.store.rows("select password_hash, created_at from people where name = ?", (name,))
        return hashlib.sha256(f"{rows[0]['password_hash']} {rows[0]['created_at']}".encode()).hexdigest() if rows else ""

    def make_code(self, name: str) -> str:
        """A one-time code, valid ten minutes, that the person sends to the bot; earlier ones of theirs are void."""
        self.get(name)
        code = secrets.token_hex(5).upper()
        with self.store.writing() as connection:
            connection.execute("delete from codes where person = ?", (name,))
            expires = (self._now() + timedelta(minutes=CODE_MINUTES)).isoformat()
            connection.execute("insert into codes (digest, person, expires_at) values (?, ?, ?)", (_digest(code), name, expires))
        return code

    def link(self, code: str, chat_id: int) -> Person | None:
        """Links a chat by a code, which is used up; None if the code is wrong, old, used, or the chat has tried too often."""
        now = self._now()
        known = self.known_as(chat_id)
        with self.store.writing() as connection:
            connection.execute("delete from tries where at < ?", ((now - timedelta(minutes=CODE_MINUTES)).isoformat(),))
            tried = connection.execute("select count(*) from tries where chat_id = ?", (chat_id,)).fetchone()[0]
            connection.execute("insert into tries (chat_id, at) values (?, ?)", (chat_id, now.isoformat()))
            row = connection.execute("select * from codes where digest = ?", (_digest(code),)).fetchone()
            if tried >= CODE_TRIES or row is None or row["expires_at"] <= now.isoformat():
                return None
            connection.execute("delete from codes where digest = ?", (row["digest"],))
            connection.execute(
                "insert into chats (chat_id, person, linked_at) values (?, ?, ?)"
                " on conflict (chat_id) do update set person = excluded.person, linked_at = excluded.linked_at",
                (known, row["person"], now.isoformat()),
            )
            connection.execute("delete from closed where address = ?", (f"telegram:{known}",))
            name = str(row["person"])
        return self.get(name)

    def move_chat(self, old: int, new: int) -> None:
        """A group became a supergroup and got another id; it stays known as the old one, by which the journal knows what it has got."""
        known = self.known_as(old)
        with self.store.writing() as connection:
            connection.execute("insert or replace into moved_chats (chat_id, known_as) values (?, ?)", (new, known))

    def known_as(self, chat_id: int) -> int:
        """The first id that a chat was known by."""
        rows = self.store.rows("select known_as from moved_chats where chat_id = ?", (chat_id,))
        return int(rows[0]["known_as"]) if rows else chat_id

    def bot_value(self, name: str) -> str:
        """What the bot remembers between starts, such as the offset of its updates; empty if nothing."""
        rows = self.store.rows("select value from bot where name = ?", (name,))
        return str(rows[0]["value"]) if rows else ""

    def remember(self, name: str, value: str) -> None:
        """Lets the bot remember something."""
        with self.store.writing() as connection:
            connection.execute(
                "insert into bot (name, value) values (?, ?) on conflict (name) do update set value = excluded.value", (name, value)
            )


def parse_scope(text: str) -> Scope:
    """Reads `all`, `department:NAME` or `manager:KEY`.

    Raises:
        PeopleError: if it is none of them.
    """
    kind, _, value = text.strip().partition(":")
    if (kind == "all" and not value) or (kind in ("department", "manager") and value):
        return Scope(kind, value)  # type: ignore[arg-type]  # compared one line above
    msg = f"The scope {text!r} cannot be read; write all, department:NAME or manager:KEY, as dim_managers has them ({WHERE_KEYS_ARE})."
    raise PeopleError(msg)


@cache
def _nobodys_hash() -> str:
    """The hash of a password that nobody knows, made once, so that a try under a strange name costs as much as any other."""
    return PasswordHasher().hash(secrets.token_hex(16))


def _digest(code: str) -> str:
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()
