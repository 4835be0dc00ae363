"""ClickHouse: how it is reached, over HTTP or as its own engine in this process (`chdb:<folder>`), and its errors in one sentence each.

Error codes are those of src/Common/ErrorCodes.cpp of ClickHouse, which its HTTP interface sends as X-ClickHouse-Exception-Code.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from ingestion.errors import BusyError, WarehouseError
from ingestion.redaction import redact

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

OLDEST = (26, 3)  # the first release with enable_materialized_cte, which the models are built with
CHDB = "chdb:"
PATIENCE_SECONDS = 10.0

# what every statement is run with; dbt_project/profiles.yml holds the same for the models
_SETTINGS = {
    "final": 1,  # a table that replaces rows when it merges is read as if it had
    "join_use_nulls": 1,
    "prefer_column_name_to_alias": 1,
    "mutations_sync": 2,
    "input_format_json_read_objects_as_strings": 1,  # a payload is kept as the text it arrived in
    "date_time_input_format": "best_effort",
}
_CODE = re.compile(r"^.*?Code: (\d+)[.,] (?:e\.displayText\(\) = )?DB::Exception: ")
_OTHER_PORT = re.compile(r"You must use port (\d+) for HTTP")
_TAG = re.compile(r"<[^>]*>")
_ERRNO = re.compile(r"\[Errno -?\d+\] [^\")]+")
_REFUSED = frozenset({192, 193, 194, 516})
_NO_RIGHT = frozenset({164, 497})
_READ_ONLY = frozenset({242})
_NO_ROOM = frozenset({241, 243, 252, 307, 396})
_NO_CLUSTER = frozenset({170, 701})
_NO_OBJECT = frozenset({499, 117, 107})


@dataclass(frozen=True, slots=True)
class Address:
    """Where ClickHouse is and who we are there.

    Attributes:
        url: https://host:8443, http://host:8123, or chdb:<folder>.
        user, password: of the one who loads, builds and publishes.
        cluster: whose nodes every table is made on, replicated; empty for a single server.
        storage_policy: of the server, for raw tables; empty for its default.
    """

    url: str
    user: str = "default"
    password: str = field(default="", repr=False)
    cluster: str = ""
    storage_policy: str = ""

    @property
    def folder(self) -> Path | None:
        """The folder of ClickHouse's own engine in process; None for a server."""
        return Path(self.url.removeprefix(CHDB)) if self.url.startswith(CHDB) else None

    @property
    def host(self) -> str:
        """Host name of the server."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Port of its HTTP interface: 8443 for https, 8123 for http, unless the url says another."""
        parts = urlsplit(self.url)
        return parts.port or (8443 if parts.scheme == "https" else 8123)

    @property
    def secure(self) -> bool:
        """Whether the connection is encrypted."""
        return self.url.startswith("https:")


def open_client(address: Address) -> Client:
    """A connection that was tried and whose server is new enough.

    Raises:
        WarehouseError: it does not answer, refuses us, is too old, or its driver is not installed.
        BusyError: another process holds the folder of the engine in process.
    """
    if find_spec("clickhouse_connect") is None:
        message = '[warehouse] engine = "clickhouse" needs its driver: pip install "skvoz[clickhouse]"'
        raise WarehouseError(message)
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # what it would log is said in one sentence
    folder = address.folder
    client = _open_server(address) if folder is None else _open_folder(address, folder)
    try:
        _expect_new_enough(address, client.server_version or "")
    except WarehouseError:
        client.close()
        raise
    return client


def _open_server(address: Address) -> Client:
    """A server; one too old to understand what the driver asks first is said to be that (18.16 knows no `readonly` in system.settings)."""
    import clickhouse_connect

    try:
        with told(address):
            return clickhouse_connect.get_client(
                interface="https" if address.secure else "http",
                host=address.host,
                port=address.port,
                username=address.user,
                password=address.password,
                settings=_SETTINGS,
                # statements of one client follow each other anyway, and a balancer may send each to another node
                autogenerate_session_id=False,
                send_receive_timeout=3600,
                query_limit=0,
            )
    except WarehouseError:
        version = _version_alone(address)
        if version_of(version) != (0, 0):
            _expect_new_enough(address, version)
        raise


def _version_alone(address: Address) -> str:
    """What a server answers to the question for its version, with nothing else in it; empty if it answers nothing."""
    question = {"query": "select version()"}
    try:
        answer = httpx.get(address.url, params=question, auth=(address.user, address.password), timeout=PATIENCE_SECONDS)
    except httpx.HTTPError:
        return ""
    return answer.text.strip() if answer.is_success else ""


def _expect_new_enough(address: Address, version: str) -> None:
    if version_of(version) < OLDEST:
        message = (
            f"{place(address)} is version {version}; {OLDEST[0]}.{OLDEST[1]} or newer is needed: upgrade the server"
            " (the last publication keeps serving)."
        )
        raise WarehouseError(message)


def _open_folder(address: Address, folder: Path) -> Client:
    """The engine in process; a reader in another process lets go of the folder two seconds after its last question."""
    import clickhouse_connect

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with told(address):
                return clickhouse_connect.get_client(interface="chdb", path=str(folder), settings=_SETTINGS)
        except BusyError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.5)


def check_names(client: Client, address: Address) -> None:
    """See that the server knows the cluster and the storage policy of [warehouse].

    Raises:
        WarehouseError: it does not; names those that it has.
    """
    for what, value, question in (
        ("cluster", address.cluster, "select distinct cluster from system.clusters"),
        ("storage_policy", address.storage_policy, "select distinct policy_name from system.storage_policies"),
    ):
        with told(address):
            known = sorted(str(row[0]) for row in client.query(question).result_rows) if value else []
        if value and value not in known:
            message = f"[warehouse] {what} = {value!r}: ClickHouse has none of that name; it has: {', '.join(known) or 'none'}."
            raise WarehouseError(message)


def version_of(text: str) -> tuple[int, int]:
    """(26, 3) of "26.3.2.1"; (0, 0) of what is no version."""
    parts = text.split(".")
    return (int(parts[0]), int(parts[1])) if len(parts) > 1 and parts[0].isdigit() and parts[1].isdigit() else (0, 0)


def place(address: Address) -> str:
    """How the warehouse is called in a sentence."""
    return f"ClickHouse in {address.folder}" if address.folder is not None else f"ClickHouse at {address.host}:{address.port}"


@contextmanager
def told(address: Address) -> Iterator[None]:
    """Errors of the driver as one sentence that says what to do.

    Raises:
        WarehouseError: whatever ClickHouse answered, or that it did not.
        BusyError: the folder of the engine in process is held by another process.
    """
    from clickhouse_connect.driver.exceptions import Error

    try:
        yield
    except Error as error:
        whole = redact(" ".join(str(error).split()))
        text, numbered = _CODE.sub("", whole), _CODE.match(whole)
        if address.folder is not None and ("initializing EmbeddedServer" in text or "lock file" in text):
            message = (
                f"{address.folder}: another process has this ClickHouse folder open; wait until it has finished (a chdb: folder belongs to"
                " one process at a time, a ClickHouse server to many)."
            )
            raise BusyError(message) from None
        # servers before 22 send the code in their words alone
        code = error.code or (int(numbered.group(1)) if numbered else None)
        raise WarehouseError(explain(address, code, text)) from None


def _unanswered(address: Address, text: str) -> str:
    """Why nothing came back that ClickHouse would say over HTTP."""
    where = place(address)
    other = _OTHER_PORT.search(text)
    if other:
        return f"{where} is not its HTTP interface; set [warehouse] url to port {other.group(1)} of that host."
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return (
            f"{where} shows a certificate that this machine does not trust; put the certificate of its authority into this machine's"
            " store, or let [warehouse] url name the host that the certificate is made for."
        )
    if "SSL" in text and address.secure:
        return f"{where} does not speak https; let [warehouse] url be http:// with its HTTP port (8123), or https:// with its HTTPS port."
    if "received HTTP status" in text:
        said = " ".join(_TAG.sub(" ", text.partition(" (for url")[0].partition("server response: ")[2]).split()) or text
        return f"{where} is another program than ClickHouse, or a proxy before it ({said[:100]}); see that [warehouse] url is right."
    errno = _ERRNO.search(text)
    return (
        f"{where} does not answer ({errno.group().strip() if errno else text[:300]}); see that it runs and that [warehouse] url is right;"
        " raw files are kept and run again later."
    )


def explain(address: Address, code: int | None, text: str) -> str:
    """What went wrong in plain words and what to do about it, with ClickHouse's own words in brackets."""
    where = place(address)
    said = text[:300]
    if code is None:
        return _unanswered(address, text)
    if code in _REFUSED:
        return f"{where} refuses user {address.user!r}; set [warehouse] user and password to an account that exists there."
    if code in _NO_RIGHT:
        return (
            f"{where} lets user {address.user!r} only read ({said}); grant it create, insert, alter and drop on the layers"
            " (skvoz grants shows the statements)."
        )
    if code in _READ_ONLY:
        return f"{where} has a table that is read-only now ({said}); its replica has lost Keeper or its disk: mend that and run again."
    if code in _NO_ROOM:
        return f"{where} has no memory or room left for this ({said}); give it more, the raw files are kept and the next run goes on."
    if code in _NO_CLUSTER:
        return f"{where} knows no cluster {address.cluster!r} ({said}); [warehouse] cluster must be one of system.clusters."
    if code in _NO_OBJECT:
        return f"{where} cannot read a raw file ({said}); restore the object, or give ClickHouse the right to read the store."
    return f"{where} refused a statement (code {code}: {said})."
