"""A local Creatio site (crm.md 3.1): OData 4 and 3 behind a login by user or an identity service.

Facts: the login always answers 200, `Code` tells; later requests need the cookies and the header BPMCSRF; at most 20 000 rows an answer;
too large an answer is a 500 that names MaxMemoryUsageToGetDataViaEntityCollection; empty lookups are zero guids; times end in Z with seven
digits; .NET Framework sites have /0 in their addresses.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.sandbox.creatio_tables import company_tables
from ingestion.sandbox.faults import FaultLayer, FaultPlan, FaultSwitch, RequestLog
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company

USERNAME, PASSWORD = "Supervisor", "sandbox-creatio-password"
CLIENT_ID, CLIENT_SECRET = "sandbox-creatio-client", "sandbox-creatio-secret"
MOST_ROWS = 20_000
_FILTER = re.compile(r"(\w+) (ge|gt|le|lt) (?:datetime')?([^']+)'?")


@dataclass
class CreatioOptions:
    """How the site behaves.

    Attributes:
        framework: addresses have /0.
        memory_rows: an answer of more rows reaches the memory limit; 0 is no limit.
        session_requests: a session ends after so many requests; 0 never.
        ended: what a request of an ended session gets: "401", a redirect to the login "302", or the login page itself "page".
        hidden: entities the user may not see.
        page_rows: the site pages by itself: so many rows an answer; 0 for up to 20 000.
        links: such a page has a link to the next (the vendor's documents show none).
    """

    framework: bool = True
    memory_rows: int = 0
    session_requests: int = 0
    ended: Literal["401", "302", "page"] = "401"
    hidden: frozenset[str] = frozenset()
    page_rows: int = 0
    links: bool = True
    faults: FaultPlan = field(default_factory=FaultPlan)


def build_app(company: Company, **options: Any) -> Starlette:
    """The site of the sandbox company; `app.state` has `tables`, `log`, `faults`."""
    return serve(company_tables(company), CreatioOptions(**options))


def serve(tables: dict[str, list[JsonObject]], options: CreatioOptions) -> Starlette:
    """An app over tables (entity → rows)."""
    log, faults = RequestLog(), FaultSwitch(options.faults)
    site = Site(tables, options)
    root = "/0" if options.framework else ""
    app = Starlette(
        routes=[
            Route("/ServiceModel/AuthService.svc/Login", site.login, methods=["POST"]),
            Route("/connect/token", site.token, methods=["POST"]),
            Route(f"{root}/odata/{{entity}}", site.odata4),
            Route(f"{root}/ServiceModel/EntityDataService.svc/{{entity}}", site.odata3),
        ],
        middleware=[Middleware(FaultLayer, log=log, switch=faults)],
    )
    app.state.tables, app.state.log, app.state.faults = tables, log, faults
    return app


class Site:
    """Sessions and tables of one site."""

    def __init__(self, tables: dict[str, list[JsonObject]], options: CreatioOptions) -> None:
        self.tables = tables
        self.options = options
        self.sessions: dict[str, int] = {}

    async def login(self, request: Request) -> Response:
        """AuthService: 200 whatever happens."""
        told = orjson.loads(await request.body())
        if (told.get("UserName"), told.get("UserPassword")) != (USERNAME, PASSWORD) or request.headers.get("forceusesession") != "true":
            return _json({"Code": 1, "Message": "Invalid username or password specified.", "Exception": None})
        mark = secrets.token_hex(16)
        self.sessions[mark] = 0
        response = _json({"Code": 0, "Message": "", "Exception": None})
        for name, value in {"BPMLOADER": mark, ".ASPXAUTH": mark, "BPMCSRF": f"csrf{mark}", "UserName": "83|117"}.items():
            response.set_cookie(name, value, path="/")
        return response

    async def token(self, request: Request) -> Response:
        """The identity service."""
        told = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if (told.get("client_id"), told.get("client_secret"), told.get("grant_type")) != (CLIENT_ID, CLIENT_SECRET, "client_credentials"):
            return _json({"error": "invalid_client"}, 400)
        mark = secrets.token_hex(16)
        self.sessions[mark] = 0
        return _json({"access_token": mark, "expires_in": 3600, "token_type": "Bearer", "scope": "ApplicationAccess_1"})

    def odata4(self, request: Request) -> Response:
        """/odata/{entity}."""
        entity = request.path_params["entity"]
        answer = self._rows(request, entity)
        if isinstance(answer, Response):
            return answer
        link = {"@odata.nextLink": f"{entity}?$skiptoken=1"} if self._is_cut(answer) else {}
        return _json({"@odata.context": f"$metadata#{entity}", "value": answer, **link})

    def odata3(self, request: Request) -> Response:
        """/EntityDataService.svc/{entity}Collection: verbose JSON with its own dates."""
        entity = request.path_params["entity"].removesuffix("Collection")
        answer = self._rows(request, entity)
        if isinstance(answer, Response):
            return answer
        rows = [{"__metadata": {"type": entity}, **{name: _old_date(value) for name, value in row.items()}} for row in answer]
        return _json({"d": {"results": rows, **({"__next": f"{entity}?$skiptoken=1"} if self._is_cut(answer) else {})}})

    def _is_cut(self, rows: list[JsonObject]) -> bool:
        return self.options.links and bool(self.options.page_rows) and len(rows) == self.options.page_rows

    def _rows(self, request: Request, entity: str) -> list[JsonObject] | Response:
        if not self._welcome(request):
            return self._unwelcome()
        if entity not in self.tables or entity in self.options.hidden:
            return _json({"error": {"code": "", "message": "Resource not found"}}, 404)
        asked = request.query_params
        rows = list(self.tables[entity])
        for condition in filter(None, [asked.get("$filter")]):
            found = _FILTER.fullmatch(condition)
            if found is None:
                return _json({"error": {"code": "", "message": f"The query {condition} is not valid"}}, 400)
            name, sign, text = found.groups()
            rows = [row for row in rows if _holds(_key(row[name]), sign, _key(text))]
        for name in reversed((asked.get("$orderby") or "Id").split(",")):
            rows.sort(key=lambda row, name=name: _key(row[name]))  # type: ignore[misc] # the name of this turn
        rows = rows[int(asked.get("$skip", 0)) :][: min(int(asked.get("$top", MOST_ROWS)), self.options.page_rows or MOST_ROWS)]
        if self.options.memory_rows and len(rows) > self.options.memory_rows:
            told = "The memory limit for data of an entity collection is exceeded (MaxMemoryUsageToGetDataViaEntityCollection)"
            return _json({"error": {"code": "", "message": "An error has occurred.", "innererror": {"message": told}}}, 500)
        fields = (asked.get("$select") or "").split(",")
        return [{name: row[name] for name in fields} for row in rows] if fields != [""] else rows

    def _unwelcome(self) -> Response:
        if self.options.ended == "302":
            return Response(status_code=302, headers={"Location": "/Login/NuiLogin.aspx?ReturnUrl=%2f0%2fodata"})
        if self.options.ended == "page":
            return Response("<!DOCTYPE html><html><title>Creatio</title></html>", media_type="text/html")
        return Response("Unauthorized", 401)

    def _welcome(self, request: Request) -> bool:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        mark = bearer or request.cookies.get(".ASPXAUTH", "")
        if mark not in self.sessions or (not bearer and request.headers.get("bpmcsrf") != f"csrf{mark}"):
            return False
        self.sessions[mark] += 1
        if self.options.session_requests and self.sessions[mark] > self.options.session_requests:
            del self.sessions[mark]
            return False
        return True


def _holds(left: str, sign: str, right: str) -> bool:
    return {"ge": left >= right, "gt": left > right, "le": left <= right, "lt": left < right}[sign]


def _key(value: Any) -> str:
    """Texts in their order; moments with their seconds filled up to seven digits."""
    text = str(value)
    if re.match(r"\d{4}-\d\d-\d\dT", text):
        whole, _, part = text.removesuffix("Z").partition(".")
        return f"{whole}.{part:0<7}"
    return text


def _old_date(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", value):
        seconds = datetime.fromisoformat(re.sub(r"(\.\d{6})\d*Z$", r"\1+00:00", value).replace("Z", "+00:00")).astimezone(UTC).timestamp()
        return f"/Date({round(seconds * 1000)})/"
    return value


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
