"""A local 1C: the standard OData interface as the platform answers it, from its guide and recorded bases.

`build_app(company)` publishes a base; tests exchange the company (`app.state.base.replace`), the faults (`app.state.faults.plan`) and the
options (`app.state.options`) while it runs, and read `app.state.log`.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.sandbox.company import Company
from ingestion.sandbox.faults import FaultLayer, FaultPlan, FaultSwitch, RequestLog
from ingestion.sandbox.onec_answers import (
    BLOCKED,
    BOM,
    HTTP_METHOD,
    JSON,
    NO_LICENCE,
    NOT_PUBLISHED,
    QUERY_TOO_LONG,
    UNAUTHORIZED,
    OneCError,
    Reply,
    refusal,
)
from ingestion.sandbox.onec_base import OneCBase
from ingestion.sandbox.onec_exchange import PLAN
from ingestion.sandbox.onec_metadata import metadata, service_document, service_document_xml
from ingestion.sandbox.onec_read import Hidden, Reader, read_options

ROOT = "/sandal/odata/standard.odata"
QUERY_LIMIT = 2_048
USERNAME, PASSWORD = "Аналитика", "песочница"


@dataclass
class OneCOptions:
    """How this base is published and how it misbehaves; may be changed while it runs.

    Attributes:
        username: of the OData user; Cyrillic as often in life.
        password: his password.
        bom: a byte order mark before JSON and counts.
        links: navigation links in answers without nometadata.
        unpublished: entity sets the administrator has not opened (read once, when the base is built).
        hidden: rows the user's rights do not cover, by entity set: 401 without allowedOnly, silently missing with it.
        device_limit: bytes of one answer beyond which the server dies with «The device is full».
        query_limit: bytes of a query beyond which IIS answers 404.15.
        no_licence: every answer is a page about licences, with status 200.
        blocked: every answer is a page about a blocked base, with status 200.
        faults: which answers the network spoils.
    """

    username: str = USERNAME
    password: str = PASSWORD
    bom: bool = True
    links: bool = True
    unpublished: tuple[str, ...] = ()
    hidden: Mapping[str, Hidden] = field(default_factory=dict)
    device_limit: int = 64_000_000
    query_limit: int = QUERY_LIMIT
    no_licence: bool = False
    blocked: bool = False
    faults: FaultPlan = field(default_factory=FaultPlan)


class Publication:
    """The web server's end of a base: turns requests into reads and errors into the platform's shapes."""

    def __init__(self, base: OneCBase, options: OneCOptions) -> None:
        """Publish a base."""
        self.base = base
        self.options = options
        self.reader = Reader(base)
        self._metadata: tuple[int, bytes] = (0, b"")

    def answer(self, request: Request) -> Reply:
        """One request, whatever it is."""
        options = self.options
        raw_query = request.scope["query_string"].decode("latin-1")
        if not self._knows(request.headers.get("authorization", "")):
            return UNAUTHORIZED
        if options.no_licence or options.blocked:
            return NO_LICENCE if options.no_licence else BLOCKED
        if len(raw_query) > options.query_limit:
            return QUERY_TOO_LONG
        raw_path = request.scope.get("raw_path", b"").split(b"?")[0].decode("latin-1") or quote(request.url.path)
        if not raw_path.startswith(ROOT):
            return NOT_PUBLISHED
        wants_json = "application/json" in request.headers.get("accept", "") or "json" in unquote(raw_query).partition("$format=")[2][:16]
        try:
            return self._read(
                request.method, raw_path[len(ROOT) :].strip("/"), raw_query, wants_json, str(request.base_url).rstrip("/") + ROOT
            )
        except OneCError as error:
            return refusal(error, wants_json, options.bom)

    def _knows(self, header: str) -> bool:
        expected = base64.b64encode(f"{self.options.username}:{self.options.password}".encode()).decode()
        return header == f"Basic {expected}"

    def _read(self, method: str, raw_path: str, raw_query: str, wants_json: bool, root: str) -> Reply:
        exchange = self.base.exchange
        if exchange is not None and method == "POST" and "/" not in raw_path:
            return Reply(200, "application/atom+xml;type=feed;charset=utf-8", exchange.answer(unquote(raw_path), raw_query, root))
        if exchange is not None and unquote(raw_path) == PLAN:
            return Reply(200, JSON, BOM + exchange.nodes())
        if method != "GET":
            raise OneCError(405, HTTP_METHOD, "Метод HTTP запрещен")
        bom = BOM if self.options.bom else b""
        # a slash inside a segment, written %2F, is no separator: such a path names nothing
        path = "/".join(unquote(segment).replace("/", "%2F") for segment in raw_path.split("/"))
        if path == "$metadata":
            return Reply(200, "application/xml;charset=utf-8", self._edmx())
        options = read_options(raw_query)
        if not path:
            if wants_json:
                return Reply(200, JSON, bom + orjson.dumps(service_document(self.base, root)))
            return Reply(200, "application/atomsvc+xml;charset=utf-8", service_document_xml(self.base, root))
        self.reader.device_limit, self.reader.hidden, self.reader.with_links = (
            self.options.device_limit,
            self.options.hidden,
            self.options.links,
        )
        body, is_json = self.reader.answer(path, options, root)
        if is_json and not wants_json:
            return Reply(200, "application/atom+xml;type=feed;charset=utf-8", b'<feed xmlns="http://www.w3.org/2005/Atom"/>')
        return Reply(200, JSON if is_json else "text/plain;charset=utf-8", bom + body)

    def _edmx(self) -> bytes:
        if self._metadata[0] != self.base.revision:
            self._metadata = (self.base.revision, metadata(self.base))
        return self._metadata[1]


def serve(base: OneCBase, options: OneCOptions | None = None) -> Starlette:
    """The app of a base."""
    chosen = options or OneCOptions()
    publication = Publication(base, chosen)
    log, faults = RequestLog(), FaultSwitch(chosen.faults)

    async def answer(request: Request) -> Response:
        reply = publication.answer(request)
        headers = {"www-authenticate": 'Basic realm="1C:Enterprise 8"'} if reply.status == 401 else {}
        return Response(reply.body, reply.status, headers={"content-type": reply.media, **headers})

    app = Starlette(
        routes=[Route("/{path:path}", answer, methods=["GET", "POST", "PATCH", "PUT", "DELETE"])],
        middleware=[Middleware(FaultLayer, log=log, switch=faults)],
    )
    app.state.base, app.state.options, app.state.log, app.state.faults = base, chosen, log, faults
    return app


def build_app(company: Company, profile: str = "unf", options: OneCOptions | None = None) -> Starlette:
    """The company's books in one configuration (ut, ka, erp, unf, bp), under the path `ROOT`."""
    chosen = options or OneCOptions()
    return serve(OneCBase(company, profile, chosen.unpublished), chosen)
