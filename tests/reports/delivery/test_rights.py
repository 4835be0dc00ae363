"""No row of another scope is in a message, an attachment or a log: over random assignments of customers to managers."""

import logging
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.access import Scope
from reports.catalogue import all_reports
from reports.delivery.compose import Order, compose
from reports.delivery.message import Message
from reports.delivery.recipients import ChannelName, Recipient
from reports.periods import last_complete
from reports.published import Published
from reports.render.pictures import Pictures
from reports.settings import Settings
from tests.reports.published_fixture import AS_OF, MANAGERS

KEYS = [key for key, _, _ in MANAGERS]


def told(message: Message) -> str:
    """Everything that a reader could see of a message, unpacked."""
    books = [zipfile.ZipFile(BytesIO(file.data)) for file in message.files]
    sheets = [book.read(name).decode() for book in books for name in book.namelist() if name.endswith(".xml")]
    blocks = ["\n".join(block) for block in message.blocks]
    return "\n".join(
        [message.subject, message.text, message.html, *blocks, *sheets, message.note, *(caption for _, caption in message.pictures)]
    )


@pytest.fixture(scope="module")
def ground(complete_published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rights") / "marts-1.duckdb"
    shutil.copy(complete_published.path, path)
    with duckdb.connect(str(path)) as connection:
        # every customer, person and product is told by a mark that occurs nowhere else
        connection.execute("update marts.dim_customers set customer_name = 'CUST' || replace(customer_key, ':', '') || 'END'")
        for table, column in (("reconciliation", "details"), ("fct_deals", "deal_name"), ("fct_claims", "reason")):
            mark = "'CUST' || replace(customer_key, ':', '') || 'END'"
            connection.execute(f"update marts.{table} set {column} = {mark} where customer_key is not null")
        connection.execute("update marts.dim_managers set manager_name = 'MAN' || replace(manager_key, ':', '') || 'END'")
    return path


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    owners=st.lists(st.sampled_from([*KEYS, None]), min_size=60, max_size=60),
    who=st.sampled_from(KEYS),
    name=st.sampled_from(sorted(all_reports())),
    channel=st.sampled_from(["email", "telegram", "file"]),
)
def test_a_managers_message_holds_no_mark_of_anothers_row(
    ground: Path,
    settings: Settings,
    no_pictures: Pictures,
    caplog: pytest.LogCaptureFixture,
    owners: list[str | None],
    who: str,
    name: str,
    channel: ChannelName,
) -> None:
    caplog.set_level(logging.DEBUG)
    with duckdb.connect(str(ground)) as connection:
        connection.execute("drop table if exists main.owners")
        connection.execute("create table main.owners (number int, manager_key varchar)")
        connection.executemany("insert into main.owners values (?, ?)", list(enumerate(owners, 1)))
        connection.execute(
            "update marts.dim_customers set manager_key = o.manager_key from main.owners o where customer_key = 'books:c' || o.number"
        )
    report = all_reports()[name]
    period = last_complete(report.period, AS_OF)
    reader = Recipient(channel, "reader@example.ru", "reader", Scope("manager", who), "manager")
    with Published(ground) as published:
        text = told(compose(Order(name, period), reader, published, settings, no_pictures)) + caplog.text
    foreign = [f"CUSTbooksc{number}END" for number, owner in enumerate(owners, 1) if owner != who]
    foreign += [f"MAN{key.replace(':', '')}END" for key in KEYS if key != who]
    assert not [mark for mark in foreign if mark in text]


def test_the_marks_would_be_seen_without_the_rights(ground: Path, settings: Settings, no_pictures: Pictures) -> None:
    period = last_complete("day", AS_OF)
    with Published(ground) as published:
        everything = compose(Order("director_daily", period), Recipient("telegram", "1"), published, settings, no_pictures)
    assert all(f"MAN{key.replace(':', '')}END" in told(everything) for key in KEYS)
    assert "CUSTbooksc" in told(everything)
