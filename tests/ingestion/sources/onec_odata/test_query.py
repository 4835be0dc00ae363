from datetime import datetime
from urllib.parse import unquote

import pytest

from ingestion.sources.onec_odata import query

REF = "8d1d7287-6240-11f1-9296-08002761f3c5"


def test_blanks_are_percent_encoded_and_never_a_plus() -> None:
    line = query.query_string({"$filter": "Date ge datetime'2026-01-01T00:00:00' and Posted eq true", "$orderby": "Date,Ref_Key"})
    assert "+" not in line
    assert line == "$filter=Date%20ge%20datetime'2026-01-01T00:00:00'%20and%20Posted%20eq%20true&$orderby=Date,Ref_Key"


def test_a_plus_inside_a_value_stays_a_plus_for_the_server() -> None:
    assert query.query_string({"$filter": "Code eq 'A+B&C'"}) == "$filter=Code%20eq%20'A%2BB%26C'"


def test_empty_options_are_left_out() -> None:
    assert query.query_string({"$filter": "", "$top": "5"}) == "$top=5"


def test_cyrillic_names_are_encoded_and_slashes_stay() -> None:
    encoded = query.path("AccumulationRegister_Продажи/Balance(Period=datetime'2026-01-01T00:00:00')")
    assert encoded.isascii()
    assert encoded.count("/") == 1
    assert unquote(encoded) == "AccumulationRegister_Продажи/Balance(Period=datetime'2026-01-01T00:00:00')"


def test_the_publication_may_have_a_cyrillic_name() -> None:
    assert query.root_url("http://сервер/торговля/odata/standard.odata/ ").endswith(
        "/%D1%82%D0%BE%D1%80%D0%B3%D0%BE%D0%B2%D0%BB%D1%8F/odata/standard.odata"
    )


def test_an_encoded_address_is_not_encoded_again() -> None:
    assert query.root_url("http://h/%D1%82/odata/standard.odata") == "http://h/%D1%82/odata/standard.odata"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (query.guid(REF), f"guid'{REF}'"),
        (query.moment(datetime.fromisoformat("2026-01-31")), "datetime'2026-01-31T00:00:00'"),
        (query.text("д'Артаньян"), "'д''Артаньян'"),
        (query.typed_ref(REF, "Document_ЗаказКлиента"), f"cast(guid'{REF}','Document_ЗаказКлиента')"),
        (query.both("A eq 1 or B eq 2", "", "Active eq true"), "(A eq 1 or B eq 2) and Active eq true"),
        (query.both("A eq 1", ""), "A eq 1"),
        (query.between("Date", None, datetime.fromisoformat("2026-01-01")), "Date lt datetime'2026-01-01T00:00:00'"),
    ],
)
def test_literals_and_conditions(made: str, expected: str) -> None:
    assert made == expected


def test_key_lists_are_cut_to_twenty_and_to_the_length_a_web_server_takes() -> None:
    keys = [f"{number:08d}-6240-11f1-9296-08002761f3c5" for number in range(45)]
    plain = list(query.batches(keys, lambda ref: f"Ref_Key eq {query.guid(ref)}"))
    assert [len(group) for group, _ in plain] == [20, 20, 5]
    typed = list(query.batches(keys, lambda ref: f"Recorder eq {query.typed_ref(ref, 'Document_РеализацияТоваровУслуг')}"))
    assert [key for group, _ in typed for key in group] == keys
    for _, condition in plain + typed:
        assert len(query.query_string({"$filter": condition})) <= query.MAX_QUERY


def test_no_keys_make_no_batch() -> None:
    assert list(query.batches([], query.guid)) == []
