"""People: rights, one-time codes, passwords."""

from pathlib import Path

import pytest

from reports.access import ALL, Scope
from reports.delivery.errors import RecipientError
from reports.delivery.recipients import resolve
from reports.people import CODE_TRIES, People, PeopleError, parse_scope
from reports.spec import Role
from tests.reports.delivery.conftest import Clock


@pytest.fixture
def people(tmp_path: Path, clock: Clock) -> People:
    found = People(tmp_path, clock)
    found.add("director", "director", ALL, "Boss@Example.ru")
    return found


def test_a_person_is_found_by_address_and_chat(people: People) -> None:
    people.link(people.make_code("director"), 77)
    by_chat, by_email = people.by_chat(77), people.by_email("BOSS@example.ru")
    assert by_chat == by_email == people.get("director")
    assert people.by_chat(78) is None


def test_a_code_works_once_for_ten_minutes_and_a_new_one_voids_it(people: People, clock: Clock) -> None:
    old, code = people.make_code("director"), people.make_code("director")
    assert people.link(old, 1) is None
    assert people.link(code.lower(), 1) is not None
    assert people.link(code, 2) is None
    late = people.make_code("director")
    clock.move(minutes=10)
    assert people.link(late, 3) is None
    assert people.get("director").chats == (1,)


def test_guessing_is_stopped_even_when_the_guess_is_right_at_last(people: People, clock: Clock) -> None:
    code = people.make_code("director")
    for number in range(CODE_TRIES):
        assert people.link(f"{number:010}", 9) is None
    assert people.link(code, 9) is None
    assert people.link(code, 10) is not None, "another chat is not held up"


def test_codes_and_passwords_are_not_in_the_file(people: People) -> None:
    code = people.make_code("director")
    people.set_password("director", "correct horse battery")
    data = b"".join(path.read_bytes() for path in people.store.path.parent.glob("people.sqlite*"))
    assert code.encode() not in data
    assert b"correct horse" not in data
    assert b"$argon2id$" in data


def test_passwords(people: People) -> None:
    assert not people.verify_password("director", "anything at all")
    people.set_password("director", "correct horse battery")
    assert people.verify_password("director", "correct horse battery")
    assert not people.verify_password("director", "correct horse")
    assert not people.verify_password("nobody", "correct horse battery")
    with pytest.raises(PeopleError, match="ten characters"):
        people.set_password("director", "short")


def test_removing_a_person_removes_their_chats_and_codes(people: People) -> None:
    code = people.make_code("director")
    people.link(people.make_code("director"), 77)
    people.remove("director")
    assert people.by_chat(77) is None
    assert people.link(code, 78) is None


def test_the_addresses_of_a_removed_person_get_nothing_until_somebody_has_them(people: People) -> None:
    """An address of nobody is the administrator's word and sees everything: who has left the company would."""
    people.add("anna", "manager", Scope("manager", "m1"), email="Anna@example.ru")
    people.link(people.make_code("anna"), 77)
    people.remove("anna")
    for address in ("email:anna@example.ru", "email:ANNA@Example.ru", "telegram:77"):
        with pytest.raises(RecipientError, match=r"was anna's, who was removed; take it out of skvoz\.toml"):
            resolve([address], people)
    people.add("anya", "manager", Scope("manager", "m2"), email="anna@example.ru")
    people.link(people.make_code("anya"), 77)
    assert [reader.person for reader in resolve(["email:anna@example.ru", "telegram:77"], people)] == ["anya", "anya"]


@pytest.mark.parametrize(
    ("name", "role", "scope", "email", "told"),
    [
        ("director", "director", ALL, "", "already"),
        ("other", "director", ALL, "boss@example.ru", "already"),
        ("Имя", "director", ALL, "", "lower-case"),
        ("a", "owner", ALL, "", "role"),
        ("a", "manager", ALL, "", "whose rows"),
        ("a", "director", ALL, "no address", "e-mail"),
    ],
)
def test_what_cannot_be_is_told(people: People, name: str, role: Role, scope: Scope, email: str, told: str) -> None:
    with pytest.raises(PeopleError, match=told):
        people.add(name, role, scope, email)


def test_scopes_are_read_as_written() -> None:
    assert parse_scope("all") == ALL
    assert parse_scope("manager:books:m1") == Scope("manager", "books:m1")
    assert parse_scope("department:Опт") == Scope("department", "Опт")
    for text in ("", "manager", "manager:", "all:x", "everything"):
        with pytest.raises(PeopleError, match="cannot be read"):
            parse_scope(text)
