"""The local 1C behaves as the platform's guide and recorded bases say, traps included."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ElementTree
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
from starlette.applications import Starlette

from ingestion.sandbox.company import Company
from ingestion.sandbox.faults import FaultPlan
from ingestion.sandbox.onec_server import PASSWORD, ROOT, USERNAME, OneCOptions, build_app
from ingestion.sandbox.onec_values import ZERO_GUID, ref
from ingestion.sandbox.serving import serve
from tests.peer_client import PeerClient

ORDERS, SHIPMENTS = "Document_ЗаказКлиента", "Document_РеализацияТоваровУслуг"
REGISTER = "AccumulationRegister_ВыручкаИСебестоимостьПродаж"
PATH_SAFE, VALUE_SAFE = "/()'=$,:%", "':,"
BOM = b"\xef\xbb\xbf"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()


class Books:
    """Asks the server the way a careful client does: the query built by hand, blanks as %20."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self._client = PeerClient(app)

    def raw(self, path: str, query: str = "", **headers: str) -> httpx.Response:
        address = f"{ROOT}/{quote(path, safe=PATH_SAFE)}" + (f"?{query}" if query else "")
        return self._client.get(address, headers={"Authorization": AUTHORIZATION, **headers})

    def ask(self, path: str, **options: Any) -> httpx.Response:
        query = "&".join(f"${name}={quote(str(value), safe=VALUE_SAFE)}" for name, value in {"format": "json", **options}.items())
        return self.raw(path, query)

    def rows(self, path: str, **options: Any) -> list[dict[str, Any]]:
        response = self.ask(path, **options)
        assert response.status_code == 200, response.text
        rows: list[dict[str, Any]] = orjson.loads(response.content.removeprefix(BOM))["value"]
        return rows

    def count(self, path: str, **options: Any) -> int:
        return int(self.ask(f"{path}/$count", **options).content.removeprefix(BOM))


@pytest.fixture(scope="module")
def books(small: Company) -> Books:
    return Books(build_app(small, "ut"))


def fresh(company: Company, profile: str = "ut", **options: Any) -> Books:
    return Books(build_app(company, profile, OneCOptions(**options)))


# ---------------------------------------------------------------- the door


def test_credentials_are_utf8_and_wrong_ones_get_a_page(books: Books) -> None:
    refused = books.raw("", "$format=json", Authorization="Basic " + base64.b64encode("Аналитика:не то".encode()).decode())
    assert refused.status_code == 401
    assert refused.headers["content-type"].startswith("text/html")
    assert "www-authenticate" in refused.headers


def test_the_service_document_lists_what_is_published(small: Company) -> None:
    published = {one["name"] for one in fresh(small, unpublished=("Catalog_Пользователи",)).rows("")}
    assert ORDERS in published
    assert "Catalog_Пользователи" not in published


@pytest.mark.parametrize("profile", ["ut", "ka", "erp", "unf", "bp"])
def test_metadata_is_edmx_of_the_published_and_describes_every_field_sent(small: Company, profile: str) -> None:
    books = fresh(small, profile)
    schema = ElementTree.fromstring(books.raw("$metadata").content)  # noqa: S314 our own answer
    edm = "{http://schemas.microsoft.com/ado/2009/11/edm}"
    types = {one.get("Name"): {field.get("Name") for field in one.iter(f"{edm}Property")} for one in schema.iter(f"{edm}EntityType")}
    sets = [one.get("Name") for one in schema.iter(f"{edm}EntitySet")]
    assert sets == [one["name"] for one in books.rows("")]
    for name in sets:
        assert name
        for row in books.rows(name, top=1, orderby=",".join(books.app.state.base.sets[name].key)):
            assert {field for field in row if "@" not in field} <= types[name]


def test_the_type_of_a_composite_reference_stands_last_in_metadata(books: Books) -> None:
    text = books.raw("$metadata").text
    entity = text[text.index(f'<EntityType Name="{SHIPMENTS}"') :]
    assert entity.index('"ЗаказКлиента"') < entity.index('"Товары"') < entity.index('"ЗаказКлиента_Type"')


@pytest.mark.parametrize("option", ["no_licence", "blocked"])
def test_a_base_without_licences_or_blocked_answers_a_page_with_status_200(small: Company, option: str) -> None:
    chosen: dict[str, Any] = {option: True}
    answer = fresh(small, **chosen).ask(ORDERS)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_only_reading_is_allowed(books: Books) -> None:
    answer = PeerClient(books.app).post(f"{ROOT}/{quote(ORDERS)}?$format=json", headers={"Authorization": AUTHORIZATION})
    assert answer.status_code == 405
    assert '"19"' in answer.text


# ---------------------------------------------------------------- the query


def test_a_plus_is_no_blank(books: Books) -> None:
    answer = books.raw(ORDERS, "$format=json&$filter=Posted+eq+true")
    assert answer.status_code == 400
    assert "Операция не разрешена" in answer.text
    assert books.raw(ORDERS, "$format=json&$filter=Posted%20eq%20true").status_code == 200


def test_a_long_query_never_reaches_1c(books: Books) -> None:
    refs = " or ".join(f"Ref_Key eq guid'{ref('order', n)}'" for n in range(1, 33))
    answer = books.ask(ORDERS, filter=refs)
    assert answer.status_code == 404
    assert "404.15" in answer.text
    assert len(books.rows(ORDERS, filter=" or ".join(f"Ref_Key eq guid'{ref('order', n)}'" for n in range(1, 21)))) == 20


def test_a_date_without_a_time_is_refused(books: Books) -> None:
    assert books.ask(ORDERS, filter="Date ge datetime'2026-03-01'").status_code == 400


def test_references_cannot_be_paged_by_their_value(books: Books) -> None:
    answer = books.ask(ORDERS, filter=f"Ref_Key gt guid'{ZERO_GUID}'", top=5)
    assert answer.status_code == 500
    assert "Нельзя сравнивать поля неограниченной длины" in answer.text


def test_pages_without_an_order_lose_and_repeat_rows(books: Books) -> None:
    total = books.count(ORDERS)
    loose = [row["Ref_Key"] for skip in range(0, total, 50) for row in books.rows(ORDERS, top=50, skip=skip, select="Ref_Key")]
    held = [
        row["Ref_Key"] for skip in range(0, total, 50) for row in books.rows(ORDERS, top=50, skip=skip, select="Ref_Key", orderby="Ref_Key")
    ]
    assert len(set(loose)) < total
    assert len(set(held)) == len(held) == total


def test_ordering_by_reference_is_by_presentation_not_by_guid(books: Books) -> None:
    rows = books.rows(ORDERS, orderby="Ref_Key", select="Ref_Key,Date,Number")
    assert [row["Date"] for row in rows] == sorted(row["Date"] for row in rows)
    assert [row["Ref_Key"] for row in rows] != sorted(row["Ref_Key"] for row in rows)


def test_descending_and_several_fields(books: Books) -> None:
    rows = books.rows(f"{REGISTER}_RecordType", orderby="Period desc,LineNumber", top=40)
    assert [row["Period"] for row in rows] == sorted((row["Period"] for row in rows), reverse=True)


def test_a_heavy_page_fills_the_servers_disk(small: Company) -> None:
    books = fresh(small, device_limit=200_000)
    answer = books.ask(ORDERS, top=500, orderby="Date")
    assert answer.status_code == 500
    assert "The device is full" in orjson.loads(answer.content.removeprefix(BOM))["exception"]["descr"]
    assert books.ask(ORDERS, top=5, orderby="Date").status_code == 200


def test_select_cuts_fields_and_parts_of_tables(books: Books) -> None:
    (row,) = books.rows(ORDERS, top=1, orderby="Date", select="Number,Товары/Цена")
    assert set(row) == {"Number", "Товары"}
    assert all(set(line) == {"Цена"} for line in row["Товары"])
    (flat,) = books.rows(ORDERS, top=1, orderby="Date", select="**")
    assert "Товары" not in flat
    assert "Number" in flat
    assert books.ask(ORDERS, select="Нет").status_code == 400


def test_the_total_is_a_string_and_ignores_the_page(books: Books) -> None:
    body = orjson.loads(books.ask(ORDERS, inlinecount="allpages", top=2, orderby="Date").content.removeprefix(BOM))
    assert body["odata.count"] == str(books.count(ORDERS))
    assert len(body["value"]) == books.count(ORDERS)


def test_there_is_no_next_link(books: Books) -> None:
    assert "nextLink" not in books.ask(ORDERS, top=1, orderby="Date").text


def test_counts_obey_filters_and_carry_a_mark_of_their_own(books: Books, small: Company) -> None:
    answer = books.ask(f"{ORDERS}/$count", filter="Posted eq false")
    assert answer.content.startswith(BOM)
    assert int(answer.content.removeprefix(BOM)) == sum(not order.is_posted for order in small.orders)


# ---------------------------------------------------------------- shapes


def test_values_look_as_on_the_wire(books: Books) -> None:
    row = books.rows(ORDERS, top=1, orderby="Date")[0]
    line = row["Товары"][0]
    assert line["LineNumber"] == "1"
    assert isinstance(line["Цена"], int | float)
    assert row["ДатаПоДаннымКлиента"] == "0001-01-01T00:00:00"
    assert row["Соглашение_Key"] == ZERO_GUID
    assert row["Автор_Type"].startswith("UnavailableEntities.UnavailableEntity_")
    assert (row["ДокументОснование"], row["ДокументОснование_Type"]) == ("", "StandardODATA.Undefined")
    assert row["Контрагент@navigationLinkUrl"].startswith(ORDERS)
    assert "+" not in row["Date"]
    folder = books.rows("Catalog_Номенклатура", filter="IsFolder eq true", orderby="Code")[0]
    assert folder["ЕдиницаИзмерения_Key"] is None


def test_no_links_without_metadata(books: Books) -> None:
    row = books.rows(ORDERS, top=1, orderby="Date", format="application/json;odata=nometadata")[0]
    assert not any("@" in name for name in row)


def test_register_rows_are_flat_in_record_type_and_gathered_by_recorder(books: Books) -> None:
    recorder = books.rows(REGISTER, top=1, orderby="Recorder")[0]
    flat = books.rows(f"{REGISTER}_RecordType", filter=f"Recorder eq '{recorder['Recorder']}'", orderby="LineNumber")
    assert [row["LineNumber"] for row in flat] == [row["LineNumber"] for row in recorder["RecordSet"]]
    inactive = books.count(f"{REGISTER}_RecordType", filter="Active eq false")
    assert books.count(f"{REGISTER}_RecordType") == inactive + books.count(f"{REGISTER}_RecordType", filter="Active eq true")


def test_a_document_is_found_by_its_key(books: Books) -> None:
    answer = books.ask(f"{ORDERS}(guid'{ref('order', 1)}')")
    body = orjson.loads(answer.content.removeprefix(BOM))
    assert body["odata.metadata"].endswith("/@Element")
    assert body["Ref_Key"] == ref("order", 1)
    assert books.ask(f"{ORDERS}(guid'{ref('order', 'none')}')").status_code == 404


def test_balances_can_be_grouped_and_conditioned(books: Books) -> None:
    register = "AccumulationRegister_РасчетыСКлиентами"
    rows = books.rows(f"{register}/Balance")
    assert books.rows(f"{register}/Balance()") == rows
    grouped = books.rows(f"{register}/Balance(Dimensions='АналитикаУчетаПоПартнерам')")
    assert len(grouped) < len(rows)
    assert sum(row["СуммаBalance"] for row in grouped) == pytest.approx(sum(row["СуммаBalance"] for row in rows))
    wanted = grouped[0]["АналитикаУчетаПоПартнерам_Key"]
    some = books.rows(f"{register}/Balance(Condition='АналитикаУчетаПоПартнерам_Key eq guid''{wanted}''')")
    assert {row["АналитикаУчетаПоПартнерам_Key"] for row in some} == {wanted}
    assert books.ask(f"{register}/Balance", filter="СуммаBalance gt 0").status_code == 400


def test_the_accounting_register_answers_for_one_account(small: Company) -> None:
    books = fresh(small, "bp")
    account = books.rows("ChartOfAccounts_Хозрасчетный", filter="Code eq '62.01'", orderby="Code")[0]["Ref_Key"]
    rows = books.rows(f"AccountingRegister_Хозрасчетный/Balance(AccountCondition='Account_Key eq guid''{account}''')")
    assert rows
    assert all(row["СуммаBalance"] > 0 for row in rows)


def test_rates_have_a_slice_of_the_last(books: Books) -> None:
    rows = books.rows("InformationRegister_КурсыВалют/SliceLast(Period=datetime'2025-12-31T00:00:00')")
    assert len(rows) == 3
    assert all(row["Period"] <= "2025-12-31T00:00:00" for row in rows)


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("path", "status", "code"), [("Document_Нет", 404, "8"), (f"{ORDERS}%2FBalance", 404, "8"), (f"{ORDERS}/Нет", 404, "11")]
)
def test_errors_in_json_have_a_key_with_a_dot(books: Books, path: str, status: int, code: str) -> None:
    answer = books.ask(path)
    assert answer.status_code == status
    assert orjson.loads(answer.content.removeprefix(BOM))["odata.error"]["code"] == code


def test_errors_without_format_are_xml(books: Books) -> None:
    answer = books.raw("Document_Нет")
    assert answer.status_code == 404
    assert "<m:code>8</m:code>" in answer.text


def test_hidden_rows_are_refused_or_silently_missing(small: Company) -> None:
    hidden = {ref("order", 1)}
    books = fresh(small, hidden={ORDERS: lambda row: row["Ref_Key"] in hidden})
    answer = books.ask(ORDERS, orderby="Date")
    assert answer.status_code == 401
    assert '"20"' in answer.text
    seen = books.raw(ORDERS, "$format=json&$orderby=Date&allowedOnly=true")
    assert len(orjson.loads(seen.content.removeprefix(BOM))["value"]) == len(small.orders) - 1


# ---------------------------------------------------------------- changes


def test_version_marks_change_with_every_write_and_only_then(small: Company) -> None:
    books = fresh(small)
    before = {row["Ref_Key"]: row["DataVersion"] for row in books.rows(ORDERS)}
    later = small.evolve()
    books.app.state.base.replace(later, touch=3)
    after = {row["Ref_Key"]: row["DataVersion"] for row in books.rows(ORDERS)}
    changed = {guid for guid in before.keys() & after.keys() if before[guid] != after[guid]}
    was, now = ({ref("order", one.number): one for one in company.orders} for company in (small, later))
    really = {guid for guid in was.keys() & now.keys() if was[guid] != now[guid]}
    assert really <= changed
    assert len(changed - really) <= 3
    assert changed - really, "some objects are written again without a change, as on any day"
    assert all(len(base64.b64decode(mark)) == 8 for mark in after.values())


def test_erased_documents_are_gone_and_shorter_ones_have_no_stale_rows(small: Company) -> None:
    books = fresh(small)
    later = small.evolve(2)
    books.app.state.base.replace(later)
    assert books.count(SHIPMENTS) == len(later.shipments)
    for shipment in later.shipments[-5:]:
        rows = books.rows(f"{REGISTER}_RecordType", filter=f"Recorder eq '{ref('shipment', shipment.number)}'", orderby="LineNumber")
        assert len(rows) == (len(shipment.lines) if shipment.is_posted or shipment.is_marked else 0)


# ---------------------------------------------------------------- the network


def test_faults_and_the_log_are_the_tests_to_read(small: Company) -> None:
    books = fresh(small, faults=FaultPlan(every=2, kinds=("html_page",)))
    assert books.ask(ORDERS, top=1, orderby="Date").headers["content-type"].startswith("application/json")
    assert books.ask(ORDERS, top=1, orderby="Date").headers["content-type"].startswith("text/html")
    assert [request.fault for request in books.app.state.log] == [None, "html_page"]


def test_served_on_a_loopback_port(small: Company) -> None:
    with serve(build_app(small, "unf")) as url, httpx.Client(auth=(USERNAME, PASSWORD)) as client:
        answer = client.get(f"{url}{ROOT}/", params={"$format": "json"})
        assert answer.status_code == 200
        assert "AccumulationRegister_Продажи" in answer.text
