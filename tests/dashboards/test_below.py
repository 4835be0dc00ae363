"""The pages below a path of another site: the same doors, and no way around them."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboards.below import Below, below
from reports.settings import Dashboard


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://analytics.example.ru", ""),
        ("https://analytics.example.ru/", ""),
        ("https://intra.example.ru/skvoz/", "/skvoz"),
        ("https://intra.example.ru/a/b", "/a/b"),
        ("https://intra.example.ru/'+alert(1)+'", ""),
        ("", ""),
    ],
)
def test_the_path_is_the_one_readers_open(url: str, path: str) -> None:
    assert below(Dashboard.model_validate({"url": url})) == path


async def echo(request: Request) -> Response:
    return PlainTextResponse(request.url.path)


async def away(request: Request) -> Response:
    return RedirectResponse(request.query_params["to"])


def get(path: str) -> httpx.Response:
    app = Starlette(routes=[Route("/away", away), Route("/{rest:path}", echo)], middleware=[Middleware(Below, prefix="/skvoz")])

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://testserver") as client:
            return await client.get(path)

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("asked", "seen"),
    [("/skvoz/overview", "/overview"), ("/skvoz", "/"), ("/skvoz/", "/"), ("/overview", "/overview"), ("/skvozx/a", "/skvozx/a")],
)
def test_it_is_taken_off_once_whether_the_proxy_has_done_it_or_not(asked: str, seen: str) -> None:
    assert get(asked).text == seen


@pytest.mark.parametrize(
    ("to", "location"),
    [
        ("/login?next=%2Foverview", "/skvoz/login?next=%2Foverview"),
        ("https://provider.example/x", "https://provider.example/x"),
        ("//x", "//x"),
    ],
)
def test_redirects_lead_below_it_and_others_stay(to: str, location: str) -> None:
    assert get("/skvoz/away?" + str(httpx.QueryParams({"to": to}))).headers["location"] == location
