"""Rows for each request to Bitrix24: pages chained in batches beside plain paging, over the same deals of a local portal."""

from starlette.applications import Starlette

from ingestion.http import HttpClient
from ingestion.sandbox import bitrix24_server
from ingestion.sandbox.bitrix24_tokens import WEBHOOK_CODE, WEBHOOK_USER
from ingestion.sandbox.company import build_company
from ingestion.sandbox.serving import serve
from ingestion.sources.bitrix24.api import BitrixApi
from ingestion.sources.bitrix24.limits import Bucket
from ingestion.sources.bitrix24.listings import Listing, Walker
from tests.bench.measure import tell, timed

DEALS = 100_000
LISTING = Listing("crm.item.list", "item", "items", {"entityTypeId": 2}, ("id", "title", "stageId", "opportunity"))


def run(scale: float) -> None:
    """Walk all deals both ways."""
    app = bitrix24_server.build_app(build_company(scale=0.02, history_days=60))
    table = app.state.store.table("deal")
    model = next(iter(table.rows.values()))
    while len(table) < int(DEALS * scale):
        table.put({**model, "ID": table.new_id()})
    per_request = {}
    for chained in (True, False):
        app.state.log.clear()
        with timed() as clock:
            rows = _walked(app, chained=chained)
        per_request[chained] = rows / len(app.state.log)
        what = "batches of chained pages" if chained else "plain paging"
        tell(f"Bitrix24, {rows:,} deals by {what}", f"{per_request[chained]:,.0f} rows a request, {rows / clock.seconds:,.0f} rows/s")
    tell("rows for each request, batches beside plain paging", f"{per_request[True] / per_request[False]:.1f} times")


def _walked(app: Starlette, *, chained: bool) -> int:
    with serve(app) as url:
        http = HttpClient("portal")
        api = BitrixApi(f"{url}/rest/{WEBHOOK_USER}/{WEBHOOK_CODE}/", "portal", http, Bucket(0, 50))
        try:
            walker = Walker(api, chain=chained)
            return sum(len(rows) for rows in walker.walk(LISTING, {}))
        finally:
            api.close()
