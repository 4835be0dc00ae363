"""Touches that seeds tell: calls to tracked numbers, promo codes, forms; and the shares of a deal among them."""

import json
from typing import Any

import pytest

from tests.dbt.kept_dbt import Dbt
from tests.dbt.workbench import Workbench, systems_of

CALLS = "call_key varchar, source varchar, started_at timestamptz, direction varchar, customer_key varchar, deal_key varchar, phone varchar"
DEALS = "deal_key varchar, customer_key varchar, created_at timestamptz, closed_at timestamptz, channel varchar, campaign_key varchar"
LEADS = "lead_key varchar, deal_key varchar, customer_key varchar, created_at timestamptz, channel varchar, campaign_key varchar"
MATCHES = (
    "source varchar, utm_source varchar, utm_medium varchar, utm_campaign varchar, crm_source varchar, campaign_key varchar,"
    " channel varchar"
)
SEED = "utm_source varchar, utm_medium varchar, utm_campaign varchar"
LEGS = "source varchar, call_group varchar, leg_id varchar"
SYSTEMS = {"int_leads": ["amocrm"], "int_call_legs": ["bitrix24"], "int_call_marks": ["bitrix24"]}
RAW = (
    "_source varchar, _key varchar, _modified_at timestamptz, _loaded_at timestamptz, _load_id bigint, _file varchar, _deleted boolean,"
    " payload json"
)


def visit(number: int, moment: str, visitor: str, source: str = "", campaign: str = "") -> tuple[object, ...]:
    """A visit as the counter's Logs API gives it."""
    marks = {"ym:s:lastsignUTMSource": source, "ym:s:lastsignUTMMedium": "cpc" if source else "", "ym:s:lastsignUTMCampaign": campaign}
    payload = {"ym:s:visitID": str(number), "ym:s:dateTime": moment, "ym:s:clientID": visitor, "ym:s:startURL": "/", **marks}
    return ("site", str(number), None, "2026-04-10", 1, "", False, json.dumps(payload))


@pytest.fixture(scope="module")
def bench(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """Customer c has deals 1 (paid search) and 2 (no origin); a number stands for the fair, a code for the mailing."""
    site = {"name": "site", "system": "metrika", "type": "metrika_expenses", "position": 1, "timezone": "UTC", "url": ""}
    given: dict[str, Any] = {
        "as_of_date": "2026-04-10",
        "company_timezone": "UTC",
        "company_country": "RU",
        "systems_of": systems_of() | SYSTEMS,
    }
    given["sources"] = [site]
    bench = Workbench(dbt, tmp_path_factory.mktemp("touches"), given)
    bench.table(
        "seeds.tracking_numbers", f"mark varchar, {SEED}", [("8 (495) 123-45-67", "fair", None, "spring"), ("Calltouch", "ya", "cpc", "7")]
    )
    bench.table("seeds.promo_codes", f"promo_code varchar, {SEED}", [("MAIL10", "newsletter", "email", None)])
    bench.table(
        "intermediate.int_campaign_matches", MATCHES,
        [
            ("tracking", "fair", None, "spring", None, "fair:1", "offline"),
            ("tracking", "ya", "cpc", "7", None, "ads:7", "paid_search"),
            ("tracking", "newsletter", "email", None, None, "channel:email", "email"),
            ("crm", "fair", None, "spring", None, "wrong", "other"),
            ("site", "ya", "cpc", "7", None, "ads:7", "paid_search"),
            ("site", "vk", "cpc", "9", None, "vk:9", "paid_social"),
            ("site", None, None, None, None, None, None),
        ],
    )  # fmt: skip
    bench.table(
        "marts.fct_deals", DEALS,
        [
            ("crm:1", "c", "2026-03-01 10:00+00", "2026-04-05 10:00+00", "paid_search", "ads:7"),
            ("crm:2", "c", "2026-03-20 10:00+00", None, None, None),
            ("crm:3", "d", "2026-03-20 10:00+00", None, "offline", "fair:1"),
            ("crm:4", "e", "2026-03-20 10:00+00", None, "paid_search", "ads:7"),
            ("crm:5", "f", "2026-03-20 10:00+00", None, "offline", "fair:1"),
        ],
    )  # fmt: skip
    bench.table(
        "marts.fct_leads", LEADS,
        [
            ("crm:unsorted:a", None, "c", "2026-02-01 10:00+00", "organic", "channel:organic"),
            ("crm:unsorted:b", None, "c", "2026-02-02 10:00+00", "organic", "channel:organic"),
        ],
    )  # fmt: skip
    bench.table(
        "intermediate.int_leads__amocrm",
        "lead_key varchar, crm_source varchar",
        [("crm:unsorted:a", "WEBFORM"), ("crm:unsorted:b", "mail")],
    )
    # call 1: two legs, the number written otherwise; 2: outgoing; 3: to no tracked number; 4: when the day of the build is over;
    # 5: the call that deal 3 was made of; 6: of deal 3 again, later
    legs = [(1, "g1"), (11, "g1"), (2, "g2"), (3, "g3"), (4, "g4"), (5, "g5"), (6, "g6"), (7, "g7"), (8, "g8")]
    bench.table("intermediate.int_call_legs__bitrix24", LEGS, [("b", group, str(leg)) for leg, group in legs])
    marks = [("1", None), ("11", "+74951234567"), ("2", "+74951234567"), ("3", "reg1"), ("4", "74951234567"), ("5", "74951234567"),
             ("6", "74951234567"), ("7", "CALLTOUCH"), ("8", "74951234567")]  # fmt: skip
    bench.table(
        "staging.stg_bitrix24__calls", "_source varchar, call_id varchar, portal_number varchar, is_deleted boolean",
        [("b", leg, mark, False) for leg, mark in marks],
    )  # fmt: skip
    bench.table(
        "marts.fct_calls", CALLS,
        [
            ("b:call:1", "b", "2026-02-15 10:00+00", "in", "c", None, "+7900"),
            ("b:call:2", "b", "2026-02-16 10:00+00", "out", "c", None, "+7900"),
            ("b:call:3", "b", "2026-02-17 10:00+00", "in", "c", None, "+7900"),
            ("b:call:4", "b", "2026-04-11 00:00+00", "in", "c", None, "+7900"),
            ("b:call:5", "b", "2026-03-20 09:50+00", "in", "d", "crm:3", "+7901"),
            ("b:call:6", "b", "2026-03-25 10:00+00", "in", "d", "crm:3", "+7901"),
            ("b:call:7", "b", "2026-04-06 10:00+00", "in", "c", "crm:2", "+7900"),
            ("crm:call:f", "crm", "2026-03-26 10:00+00", "in", "f", "crm:5", "+7902"),
        ],
    )  # fmt: skip
    # call 8 is the exchange's own record of the CRM's call f
    bench.table("intermediate.int_calls", "call_key varchar, exchange_call_key varchar", [("crm:call:f", "b:call:8"), ("b:call:1", None)])
    bench.table(
        "raw.metrika__visits", RAW,
        [
            visit(1, "2026-03-01 10:00:00", "17", "vk", "9"),
            visit(2, "2026-03-10 10:00:00", "17"),  # by nobody's mark: not a touch of known origin
            visit(3, "2026-03-19 23:00:00", "17", "ya", "7"),
            visit(4, "2026-03-20 09:55:00", "17", "ya", "7"),  # the one the deal was made of
            visit(5, "2026-03-22 09:00:00", "17", "ya", "7"),
            visit(6, "2026-03-22 09:00:00", "18", "ya", "7"),  # of a browser nobody knows
        ],
    )  # fmt: skip
    bench.table(
        "staging.stg_own__field_values", "_source varchar, stream varchar, record_key varchar, field_name varchar, field_value varchar",
        [("crm", "amocrm.leads", "crm:2", "promo_code", " mail10"), ("crm", "amocrm.leads", "crm:1", "promo_code", "UNKNOWN"),
         ("crm", "amocrm.leads", "crm:4", "visitor_id", "17 ")],
    )  # fmt: skip
    bench.run("fct_touchpoints", "int_touch_weights")
    return bench


def touches(bench: Workbench, deal: str) -> list[tuple[Any, ...]]:
    return bench.rows(
        f"select touch_kind, channel, campaign_key from marts.fct_touchpoints where deal_key = '{deal}' order by touch_number"
    )


def test_a_deal_has_every_contact_of_known_origin_in_its_window(bench: Workbench) -> None:
    before = [("form", "organic", "channel:organic"), ("lead", "organic", "channel:organic"), ("call", "offline", "fair:1")]
    own = ("deal", "paid_search", "ads:7")
    assert touches(bench, "crm:1") == [*before, own, ("promo_code", "email", "channel:email")]
    # deal 1 was closed before the call through the service; deal 2 is open and its own origin unknown
    assert touches(bench, "crm:2") == [*before, own, ("promo_code", "email", "channel:email"), ("call", "paid_search", "ads:7")]


def test_the_call_that_a_deal_was_made_of_is_its_own_contact(bench: Workbench) -> None:
    assert touches(bench, "crm:3") == [("deal", "offline", "fair:1"), ("call", "offline", "fair:1")]


def test_a_call_that_the_exchange_wrote_down_too_is_found_by_its_number(bench: Workbench) -> None:
    assert touches(bench, "crm:5") == [("deal", "offline", "fair:1"), ("call", "offline", "fair:1")]


def test_visits_of_a_known_browser_are_touches_except_the_one_a_deal_was_made_of(bench: Workbench) -> None:
    seen = ("visit", "paid_search", "ads:7")
    assert touches(bench, "crm:4") == [("visit", "paid_social", "vk:9"), seen, ("deal", "paid_search", "ads:7"), seen]


def test_the_shares_of_every_deal_sum_to_one_in_every_model(bench: Workbench) -> None:
    sums = bench.rows("select deal_key, attribution_model, round(sum(weight), 12) from intermediate.int_touch_weights group by all")
    assert len(sums) == 5 * 6
    assert {weight for _, _, weight in sums} == {1}
