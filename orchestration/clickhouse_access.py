"""Accounts on ClickHouse for people with tools of their own: the scopes of the access layer as row policies, its masks as missing grants.

Policies belong to tables, and every publication is made of new ones, so with `[warehouse] accounts = true` each publication is given its
grants and policies before readers are shown it. The accounts themselves are made once, from what `skvoz grants` prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ingestion.settings import Settings
from reports.access import MASKS, UNMASKED_TABLES, scope_of
from reports.clickhouse_sql import condition
from reports.people import Person

_ROLE = "skvoz_person_"
_LAYERS = ("raw", "meta", "staging", "intermediate", "marts", "seeds", "failures", "main")


def account_statements(settings: Settings, people: Iterable[Person]) -> list[str]:
    """What an administrator runs once: the account that loads and builds, the one that reports and pages read with, and one per person.

    Passwords are written as question marks for the administrator to replace.
    """
    given = settings.warehouse
    everywhere = f" on cluster {_name(given.cluster)}" if given.cluster else ""
    writer, reader = _name(given.user), _name(given.reader or "skvoz_reader")
    databases = [*(f"{layer}.*" for layer in _LAYERS), f"{given.database}*.*"]
    statements = [
        f"create user if not exists {writer}{everywhere} identified with sha256_password by '???'",
        *(
            "grant"
            + everywhere
            + " select, insert, alter, create database, create table, create view, drop database, drop table, drop view,"
            f" truncate, optimize on {name} to {writer} with grant option"
            for name in databases
        ),
        f"grant{everywhere} create temporary table, file, s3, cluster on *.* to {writer}",
        f"grant{everywhere} select on system.* to {writer}",
        f"create user if not exists {reader}{everywhere} identified with sha256_password by '???' settings readonly = 2",
    ]
    if given.accounts:
        statements.append(f"grant{everywhere} create row policy, drop row policy on *.* to {writer}")
    for person in people:
        role = _name(role_of(person))
        statements += [
            f"create role if not exists {role}{everywhere}",
            f"create user if not exists {_name(person.name)}{everywhere} identified with sha256_password by '???' settings readonly = 1",
            f"grant{everywhere} {role} to {_name(person.name)}",
            f"grant{everywhere} select on {_name(given.database)}.* to {role}",
        ]
    return statements


def publication_statements(
    settings: Settings, database: str, tables: Mapping[str, Sequence[str]], people: Sequence[Person], present: Iterable[str]
) -> list[str]:
    """Grants and row policies of one publication.

    Args:
        settings: skvoz.toml.
        database: of the publication.
        tables: its columns by table.
        people: who has a role and a scope.
        present: roles that exist on the server; people without one are left out.

    A table that has a policy shows nothing to who has none, so those who load and those who serve everybody get one that lets all through.
    """
    given = settings.warehouse
    everywhere = f" on cluster {_name(given.cluster)}" if given.cluster else ""
    known = set(present)
    served = [person for person in people if role_of(person) in known]
    if not served:
        return []
    keepers = ", ".join(_name(user) for user in (given.user, given.reader) if user)
    statements = []
    for table, columns in tables.items():
        place = f"{_name(database)}.{_name(table)}"
        statements.append(f"create row policy or replace skvoz_all{everywhere} on {place} for select using 1 to {keepers}")
        for person in served:
            scope, role = scope_of(person.role, person.scope), _name(role_of(person))
            shown = [name for name in columns if scope.contacts or name not in MASKS or table in UNMASKED_TABLES]
            rule = condition(table, columns, scope, database)
            statements += [
                f"grant{everywhere} select({', '.join(map(_name, shown))}) on {place} to {role}",
                f"create row policy or replace {role}{everywhere} on {place} for select using {rule} to {role}",
            ]
    return statements


def role_of(person: Person) -> str:
    """The name of a person's role."""
    return f"{_ROLE}{person.name}"


def _name(text: str) -> str:
    return "`" + text.replace("\\", "\\\\").replace("`", "\\`") + "`"
