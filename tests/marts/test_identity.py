"""Who is who: customers, managers and products mastered across the systems, and the dimensions that hold them."""

import polars as pl

from ingestion.sandbox.onec_catalogs import SUPPLIERS
from ingestion.sandbox.onec_values import ref
from tests.marts.comparing import assert_same_rows
from tests.marts.expected import Expected
from tests.marts.keys import BOOKS, e164, key
from tests.marts.sandbox_warehouse import PublishedSandbox


def test_the_same_cards_are_one_customer(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    keys, company = expected.keys, published_sandbox.company
    rows = [(*keys.source_id(company.card[node]), customer) for node, customer in keys.components.items()]
    wanted = pl.DataFrame(rows, schema=["source", "source_customer_id", "customer_key"], orient="row")
    links = published_sandbox.mart("customer_links")
    suppliers = {f"{kind}:{ref(kind, f'supplier {n}')}" for n in range(1, len(SUPPLIERS) + 1) for kind in ("partner", "counterparty")}
    assert_same_rows(links.filter(~pl.col("source_customer_id").is_in(list(suppliers))), wanted, ["source", "source_customer_id"])
    assert set(published_sandbox.mart("dim_customers")["customer_key"]) >= set(wanted["customer_key"].drop_nulls())
    merged = wanted.group_by("customer_key").agg(pl.col("source").n_unique())
    assert merged.filter(pl.col("source") == 3).height > 0


def test_every_customer_is_its_own_first_card(published_sandbox: PublishedSandbox) -> None:
    links = published_sandbox.mart("customer_links")
    firsts = links.with_columns(own=pl.concat_str("source", "source_customer_id", separator=":"))
    customers = published_sandbox.mart("dim_customers").select("customer_key")
    assert customers.join(firsts, left_on="customer_key", right_on="own", how="anti").is_empty()
    assert firsts.filter(pl.col("own") == pl.col("customer_key"))["match_rule"].unique().to_list() == ["own"]


def test_match_rules_say_what_ties_a_card_to_an_earlier_one(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    keys, company = expected.keys, published_sandbox.company
    rules = {
        (source, name): rule
        for source, name, rule in published_sandbox.mart("customer_links").select("source", "source_customer_id", "match_rule").iter_rows()
    }
    codes = {card.crm_code for card in company.cards if card.crm_code}
    for card in company.cards:
        rule = rules[keys.source_id(card)]
        customer = keys.components[(card.system, card.kind, card.id)]
        if customer is None or ":".join(keys.source_id(card)) == customer:
            assert rule == "own"
        elif card.parent is not None:
            assert rule in ("own", "manual"), card
        elif card.kind == "company" and card.crm_code in codes and card.system != "onec":
            assert rule in ("crm_code", "manual"), card
    assert set(rules.values()) >= {"own", "crm_code", "tax_id", "phone", "manual"}


def test_search_text_finds_a_customer_by_name_tax_id_and_phone(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    texts = dict(published_sandbox.mart("dim_customers").select("customer_key", "search_text").iter_rows())
    found = 0
    for card in published_sandbox.company.cards:
        customer = expected.keys.components[(card.system, card.kind, card.id)]
        if customer is None:
            continue
        for phone in card.phones:
            assert str(e164(phone)).lstrip("+") in texts[customer]
        if card.kind == "counterparty" and card.tax_id and card.duplicate_of is None:
            found += card.tax_id in texts[customer]
        assert texts[customer] == texts[customer].lower()
    assert found > 20


def test_cards_show_what_the_books_say(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    rows = []
    for customer in published_sandbox.company.customers:
        name = expected.keys.components.get(("onec", "partner", customer.number))
        if name == key("partner", customer.number) or name == f"{BOOKS}:partner:{ref('partner', customer.number)}":
            card = published_sandbox.company.card["onec", "partner", customer.number]
            rows.append((name, card.name.strip(), customer.kind))
    wanted = pl.DataFrame(rows, schema=["customer_key", "customer_name", "customer_type"], orient="row")
    found = published_sandbox.mart("dim_customers").join(wanted, on="customer_key", how="semi")
    assert_same_rows(found, wanted, ["customer_key"])
    assert found.height > 50


def test_managers_of_all_systems_are_the_same_people(published_sandbox: PublishedSandbox) -> None:
    people = published_sandbox.company.managers
    rows = [(key("manager", one.number), one.is_active) for one in people]
    wanted = pl.DataFrame(rows, schema=["manager_key", "is_active"], orient="row")
    managers = published_sandbox.mart("dim_managers")
    assert_same_rows(managers.join(wanted, on="manager_key", how="semi"), wanted, ["manager_key"])
    named = {one.last_name for one in people}
    others = managers.join(wanted, on="manager_key", how="anti")
    assert not [name for name in others["manager_name"] if any(last in name for last in named)], "a person is there twice"


def test_products_are_those_of_the_books(published_sandbox: PublishedSandbox) -> None:
    rows = [(key("product", one.number), one.sku or None, one.name) for one in published_sandbox.company.products]
    wanted = pl.DataFrame(rows, schema=["product_key", "sku", "product_name"], orient="row")
    products = published_sandbox.mart("dim_products")
    assert_same_rows(products, wanted, ["product_key"])
    assert products["category"].null_count() < products.height


def test_organisations_and_warehouses(published_sandbox: PublishedSandbox) -> None:
    company = published_sandbox.company
    rows = [(key("organisation", one.number), one.name, one.tax_id) for one in company.organisations]
    wanted = pl.DataFrame(rows, schema=["organisation_key", "organisation_name", "tax_id"], orient="row")
    assert_same_rows(published_sandbox.mart("dim_organisations"), wanted, ["organisation_key"])
    places = [(key("warehouse", one.number), one.name) for one in company.warehouses]
    wanted = pl.DataFrame(places, schema=["warehouse_key", "warehouse_name"], orient="row")
    assert_same_rows(published_sandbox.mart("dim_warehouses"), wanted, ["warehouse_key"])


def test_rates_are_for_one_unit(published_sandbox: PublishedSandbox) -> None:
    found = published_sandbox.mart("exchange_rates")
    assert "RUB" not in set(found["currency_code"])
    company = published_sandbox.company
    rows = [(one.currency, one.day, one.rate) for one in company.rates if one.day >= company.started_on]
    wanted = pl.DataFrame(rows, schema={"currency_code": pl.String, "rate_date": pl.Date, "rate_to_base": pl.Decimal(18, 8)}, orient="row")
    loaded = found.filter(pl.col("currency_code") != "CNY", pl.col("rate_date").is_between(company.started_on, company.today))
    assert_same_rows(loaded, wanted, ["currency_code", "rate_date"])
    # the spreadsheet's yuan is written for ten
    dollar = wanted.filter(pl.col("currency_code") == "USD").rename({"rate_to_base": "dollar"}).drop("currency_code")
    yuan = found.filter(pl.col("currency_code") == "CNY").join(dollar, on="rate_date")
    assert yuan.height > 10
    assert yuan.filter((pl.col("rate_to_base").cast(float) - pl.col("dollar").cast(float) * 0.137).abs() > 1e-4).is_empty()
