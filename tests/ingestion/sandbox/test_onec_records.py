"""Each configuration shows the same company: the same sums under its own names."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingestion.sandbox import truth
from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_records import PROFILES
from ingestion.sandbox.onec_values import Row

Entities = dict[str, list[Row]]


def total(rows: list[Row], name: str) -> Decimal:
    return sum((Decimal(str(row[name])) for row in rows), Decimal(0))


@pytest.fixture(scope="module")
def ut(small: Company) -> Entities:
    return PROFILES["ut"].entities(small)


@pytest.fixture(scope="module")
def unf(small: Company) -> Entities:
    return PROFILES["unf"].entities(small)


@pytest.fixture(scope="module")
def bp(small: Company) -> Entities:
    return PROFILES["bp"].entities(small)


def test_both_sales_registers_hold_the_same_revenue_and_cost(ut: Entities, unf: Entities, small: Company) -> None:
    trade = [row for row in ut["AccumulationRegister_ВыручкаИСебестоимостьПродаж_RecordType"] if row["Active"]]
    small_firm = [row for row in unf["AccumulationRegister_Продажи_RecordType"] if row["Active"]]
    own = {"РеализацияТоваровВДругуюОрганизацию"}
    sales = truth.sales(small)
    assert total([row for row in trade if row["ХозяйственнаяОперация"] not in own], "СуммаВыручки") == sales["revenue_base"].sum()
    assert total(trade, "СуммаВыручки") == total(small_firm, "Сумма")
    assert total(trade, "СтоимостьБезНДС") == total(small_firm, "Себестоимость")


def test_the_trade_register_hides_product_and_customer_behind_key_catalogues(ut: Entities) -> None:
    row = ut["AccumulationRegister_ВыручкаИСебестоимостьПродаж_RecordType"][0]
    assert "Номенклатура_Key" not in row
    products = {one["Ref_Key"]: one["Номенклатура_Key"] for one in ut["Catalog_КлючиАналитикиУчетаНоменклатуры"]}
    partners = {one["Ref_Key"]: one for one in ut["Catalog_КлючиАналитикиУчетаПоПартнерам"]}
    assert products[row["АналитикаУчетаНоменклатуры_Key"]] in {one["Ref_Key"] for one in ut["Catalog_Номенклатура"]}
    assert partners[row["АналитикаУчетаПоПартнерам_Key"]]["Партнер_Key"] in {one["Ref_Key"] for one in ut["Catalog_Партнеры"]}


def test_line_totals_of_all_configurations_are_the_same(ut: Entities, unf: Entities, bp: Entities, small: Company) -> None:
    for index, shipment in enumerate(small.shipments):
        expected = sum(line.amount for line in shipment.lines)
        trade, firm, books = (
            ut["Document_РеализацияТоваровУслуг"][index],
            unf["Document_РасходнаяНакладная"][index],
            bp["Document_РеализацияТоваровУслуг"][index],
        )
        assert total(trade["Товары"], "СуммаСНДС") == total(firm["Запасы"], "Всего") == expected
        lines = [*books["Товары"], *books["Услуги"]]
        vat = Decimal(0) if books["СуммаВключаетНДС"] else total(lines, "СуммаНДС")
        assert total(lines, "Сумма") + vat == expected == Decimal(str(books["СуммаДокумента"]))


def test_one_organisation_keeps_its_lines_without_vat(ut: Entities) -> None:
    flags = {row["ЦенаВключаетНДС"] for row in ut["Document_ЗаказКлиента"]}
    assert flags == {True, False}


def test_returns_share_their_document_with_suppliers_in_the_small_firm(unf: Entities) -> None:
    operations = {row["ВидОперации"] for row in unf["Document_ПриходнаяНакладная"]}
    assert operations == {"ВозвратОтПокупателя", "ПоступлениеОтПоставщика"}


def test_receipts_and_the_report_over_them_say_the_same_twice(unf: Entities) -> None:
    checks, returned, reports = (unf[name] for name in ("Document_ЧекККМ", "Document_ЧекККМВозврат", "Document_ОтчетОРозничныхПродажах"))
    assert total(checks, "СуммаДокумента") - total(returned, "СуммаДокумента") == total(reports, "СуммаДокумента")


def test_bookkeeping_names_the_counterparty_of_bank_documents_by_a_pair(bp: Entities) -> None:
    row = next(row for row in bp["Document_ПоступлениеНаРасчетныйСчет"] if row["ВидОперации"] == "ОплатаПокупателя")
    assert row["Контрагент_Type"] == "StandardODATA.Catalog_Контрагенты"
    assert "Контрагент_Key" not in row
    assert "AccumulationRegister_Продажи" not in bp


def test_a_rate_is_for_as_many_units_as_it_says(ut: Entities) -> None:
    multiplicities = {row["Кратность"] for row in ut["InformationRegister_КурсыВалют"]}
    assert multiplicities == {"1", "100"}


def test_month_closings_move_cost_only_and_their_type_is_unknown_in_trade(ut: Entities) -> None:
    rows = [
        row for row in ut["AccumulationRegister_ВыручкаИСебестоимостьПродаж_RecordType"] if row["Recorder_Type"].startswith("Unavailable")
    ]
    assert rows
    assert all(row["Количество"] == row["СуммаВыручки"] == 0 != row["СтоимостьБезНДС"] for row in rows)


@pytest.mark.parametrize("profile", ["ut", "unf", "bp"])
def test_keys_are_unique_in_every_entity_set(profile: str, small: Company) -> None:
    for name, rows in PROFILES[profile].entities(small).items():
        keys = [row["Ref_Key"] for row in rows if "Ref_Key" in row]
        assert len(keys) == len(set(keys)), name


@pytest.mark.parametrize("profile", ["ut", "unf", "bp"])
def test_every_scalar_reference_leads_to_something_where_its_catalogue_is_published(profile: str, small: Company) -> None:
    entities = PROFILES[profile].entities(small)
    targets = {"Контрагент_Key": "Catalog_Контрагенты", "Организация_Key": "Catalog_Организации", "Партнер_Key": "Catalog_Партнеры"}
    for name, catalogue in targets.items():
        known = {row["Ref_Key"] for row in entities.get(catalogue, [])} | {"00000000-0000-0000-0000-000000000000"}
        for rows in entities.values() if catalogue in entities else ():
            assert {row[name] for row in rows if row.get(name)} <= known
