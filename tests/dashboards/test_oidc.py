"""OpenID Connect against a provider on a loopback port: a known verified address gets in, every other one a sentence."""

import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboards import serve
from reports.errors import SettingsError
from reports.wording import load_words
from tests.dashboards.conftest import DIRECTOR, add_people, make_company, serving
from tests.ports import free_port

CLIENT = "skvoz-pages"


class Provider:
    """A provider that says of everybody what the test wants said."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.claims: dict[str, Any] = {}
        self.nonces: dict[str, str] = {}
        routes = [
            Route("/.well-known/openid-configuration", self.metadata),
            Route("/authorize", self.authorize),
            Route("/token", self.token, methods=["POST"]),
            Route("/keys", self.keys),
        ]
        self.server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=self.port, log_level="error"))

    async def metadata(self, _request: Request) -> Response:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        algorithms = {"id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"]}
        return JSONResponse({"issuer": self.url, **{name: f"{self.url}/{end}" for name, end in ends.items()}, **algorithms})

    async def authorize(self, request: Request) -> Response:
        code = secrets.token_hex(8)
        self.nonces[code] = request.query_params["nonce"]
        return RedirectResponse(f"{request.query_params['redirect_uri']}?code={code}&state={request.query_params['state']}")

    async def token(self, request: Request) -> Response:
        code = (await request.form())["code"]
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, "nonce": self.nonces[str(code)], **self.claims}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": signed})

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()
    thread = threading.Thread(target=made.server.run)
    thread.start()
    while not made.server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    yield made
    made.server.should_exit = True
    thread.join(120)


@pytest.fixture(scope="module")
def pages(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = make_company(tmp_path_factory.mktemp("oidc"), "oidc")
    add_people(folder)
    port = free_port()
    settings = (folder / "skvoz.toml").read_text(encoding="utf-8")
    settings += f'url = "http://127.0.0.1:{port}"\n[dashboard.oidc]\nclient_id = "{CLIENT}"\nclient_secret = "made up"\n'
    settings += f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n'
    (folder / "skvoz.toml").write_text(settings, encoding="utf-8")
    yield from serving(folder, port)


def come_back(pages: str) -> httpx.Response:
    """Goes to the provider and back, with the cookies of a new browser, until a page of ours answers."""
    with httpx.Client(base_url=pages, follow_redirects=True) as client:
        start = client.get("/overview", headers={"accept": "text/html"})
        link = start.text.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
        answer = client.get(link)
        answer.extensions["kept"] = dict(client.cookies)
        return answer


def test_a_verified_address_of_a_person_gets_a_session_of_ours(pages: str, provider: Provider) -> None:
    provider.claims = {"email": "Boss@Example.ru", "email_verified": True}
    answer = come_back(pages)
    assert answer.url.path == "/overview"
    kept = answer.extensions["kept"]
    assert "skvoz" in kept
    # the provider's word is used once; from here on our own session counts
    assert not [name for name in kept if name.startswith("_streamlit_user")]
    account = httpx.get(f"{pages}/account", cookies={"skvoz": kept["skvoz"]})
    assert f"<h1>{DIRECTOR}</h1>" in account.text
    assert 'name="new"' not in account.text


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@example.ru", "email_verified": True},
        {"email": "boss@example.ru", "email_verified": False},
        {"email": "boss@example.ru"},
        {"email_verified": True},
    ],
)
def test_every_other_one_gets_a_sentence_and_no_session(pages: str, provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    answer = come_back(pages)
    assert answer.url.path == "/login"
    assert load_words("ru").text("login.unknown_email") in answer.text
    assert not [name for name in answer.extensions["kept"] if name == "skvoz" or name.startswith("_streamlit_user")]


def test_a_password_is_no_way_in(pages: str) -> None:
    assert httpx.post(f"{pages}/login", data={"name": DIRECTOR, "password": "a long enough word"}).headers["location"] == "/login"


def test_what_is_missing_is_told_before_anything_is_served(tmp_path: Path) -> None:
    folder = make_company(tmp_path, "oidc")
    with pytest.raises(SettingsError, match=r"dashboard\.oidc") as refused:
        serve.serve_dashboard(folder / "skvoz.toml", "127.0.0.1", free_port())
    assert "dashboard.url" in str(refused.value)
