"""1C:Fresh: the application and the area stand in every address, and the user signs in with Basic as everywhere."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import httpx
import pytest

from ingestion.sources.onec_odata.client import ODataClient
from ingestion.sources.onec_odata.options import OneCOptions
from ingestion.sources.onec_odata.source import connect
from ingestion.spec import Context

AREA = "https://1cfresh.com/a/sbm/1234567/odata/standard.odata"
NODE = "8d1d7287-6240-11f1-9296-08002761f3c5"


@pytest.mark.parametrize("url", [AREA, f"{AREA}/", f" {AREA} "])
def test_the_area_is_in_every_address_and_so_is_the_user(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        feed = b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>'
        return httpx.Response(200, content=feed) if request.method == "POST" else httpx.Response(200, json={"value": []})

    options = OneCOptions(url=url, username="Фреш", password="тайна", configuration="unf", requests_per_second=1000)
    connector = connect(options, Context("crm", ZoneInfo("UTC"), tmp_path, tmp_path, "RU", lambda _: None))
    plain = connector._http._client
    monkeypatch.setattr(connector._http, "_client", httpx.Client(transport=httpx.MockTransport(answer), auth=plain.auth))
    client = ODataClient(connector._http, options, "crm")
    client.entries("Catalog_Валюты", "Catalog_Валюты")
    client.select_changes("ExchangePlan_Витрина", NODE, 5)
    connector.close()
    plain.close()
    listed, told = heard
    assert unquote(str(listed.url)) == f"{AREA}/Catalog_Валюты?$format=json"
    assert unquote(str(told.url)) == f"{AREA}/SelectChanges?DataExchangePoint='{AREA}/ExchangePlan_Витрина(guid'{NODE}')'&MessageNo=5"
    basic = "Basic " + base64.b64encode("Фреш:тайна".encode()).decode()
    assert [one.headers["authorization"] for one in heard] == [basic, basic]
