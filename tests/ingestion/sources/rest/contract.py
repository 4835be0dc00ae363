"""The source type `rest` under the contract of all sources, with each way of showing who asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from ingestion.sandbox import rest_server, serving
from ingestion.sandbox.rest_server import TOKEN, USERNAME
from tests.ingestion.sources.contract_case import Case, Peer
from tests.ingestion.sources.rest.service import STREAMS, edit, make_tables, truth

AUTHS: dict[str, Callable[[str], dict[str, Any]]] = {
    "bearer": lambda secret: {"kind": "bearer", "token": secret},
    "basic": lambda secret: {"kind": "basic", "username": USERNAME, "password": secret},
    "header": lambda secret: {"kind": "header", "name": "X-Api-Key", "value": secret},
    "query": lambda secret: {"kind": "query", "name": "key", "value": secret},
}


def case(kind: str) -> Case:
    """The case of one kind of credentials."""

    @contextmanager
    def start(_folder: Path) -> Iterator[Peer]:
        tables = make_tables()
        app = rest_server.serve(tables, rest_server.RestOptions(auth=kind))
        with serving.serve(app) as address:
            options = {"url": f"{address}/v1", "requests_per_second": 0, "streams": STREAMS}
            yield Peer(
                options={**options, "auth": AUTHS[kind](TOKEN)},
                edit=lambda: edit(tables),
                truth=lambda: truth(tables),
                secrets=(TOKEN,),
                wrong={**options, "auth": AUTHS[kind]("wrong-token")},
                wrong_says="the credentials are wrong",
                faults=app.state.faults,
            )

    started: Callable[[Path], AbstractContextManager[Peer]] = start
    return Case("rest", started, name=kind)


CASES = (case("bearer"), case("query"))
