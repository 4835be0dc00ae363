"""First loads, refreshes and sweeps of whole bases over HTTP: what the raw zone holds is what the base holds."""

import pytest

from ingestion.errors import PermanentError
from ingestion.sandbox.company import Company
from tests.ingestion.sources.onec_odata.conftest import Open

CONFIGURATIONS = ("unf", "ut", "bp")


@pytest.mark.parametrize("profile", CONFIGURATIONS)
def test_a_first_load_brings_every_record(open_books: Open, profile: str) -> None:
    books = open_books(profile)
    books.load()
    assert books.differing() == []
    for stream in ("receivables_balance", "stock_balance"):
        assert books.held(stream)
    assert all(payload["_configuration"] == profile for payload in books.zone.records("orders").values())


@pytest.mark.parametrize("profile", CONFIGURATIONS)
def test_an_unchanged_refresh_asks_for_little_and_writes_nothing(open_books: Open, profile: str) -> None:
    books = open_books(profile)
    books.load()
    books.load()
    results = books.load()
    assert sum(result.written for result in results.values()) == 0
    assert not books.app.state.log.to("$metadata")
    assert len(books.app.state.log) <= 2 * len(books.names())
    whole = [request.path for request in books.app.state.log if "/Document_" in request.path and "$select" not in request.query]
    # the sandbox describes an empty set by its key alone, so it is asked for whole
    filled = [path for path in whole if not path.endswith("$count") and books.base.sets[path.rpartition("/")[2]].rows]
    assert filled == []


@pytest.mark.parametrize("profile", CONFIGURATIONS)
def test_after_some_days_of_edits_and_deletions_a_sweep_holds_what_the_base_holds(open_books: Open, company: Company, profile: str) -> None:
    books = open_books(profile)
    books.load()
    later = company
    for _ in range(3):
        later = later.evolve()
        books.base.replace(later)
        books.zone.now = later.now
        books.load()
    books.load(mode="sweep")
    assert books.differing() == []


def test_documents_written_without_a_change_are_asked_for_once_and_not_kept_again(open_books: Open, company: Company) -> None:
    """1C gives every write a new DataVersion; a month posted again must not swell the raw zone nor be fetched at every refresh."""
    books = open_books("ut")
    books.load("orders", "shipments", "sales_register")
    books.base.replace(company, touch=200)
    touched = books.load("orders", "shipments", "sales_register")
    assert touched["shipments"].received > 0
    assert sum(result.written for result in touched.values()) == 0
    again = books.load("orders", "shipments", "sales_register")
    assert sum(result.received for result in again.values()) == 0


def test_a_full_load_says_the_same_again(open_books: Open) -> None:
    books = open_books("ut")
    books.load()
    results = books.load(mode="full")
    assert sum(result.written for result in results.values()) == 0
    assert books.differing() == []


def test_a_lost_index_costs_requests_and_no_records(open_books: Open) -> None:
    books = open_books("ut")
    books.load("shipments", "sales_register")
    for name in ("shipments", "sales_register"):
        (books.zone.root / "raw" / "crm" / name / "index.sqlite").unlink()
    books.load("shipments", "sales_register")
    assert books.differing("shipments", "sales_register") == []


def test_checking_says_what_is_published_and_what_is_not(open_books: Open) -> None:
    books = open_books("ut", unpublished=("Document_ВозвратТоваровОтКлиента",))
    line = books.connect().check()
    assert "Управление торговлей" in line
    assert "Document_ВозвратТоваровОтКлиента (returns)" in line


def test_an_optional_object_that_is_not_published_is_noted_and_not_loaded(open_books: Open) -> None:
    books = open_books("ut", unpublished=("Document_ВозвратТоваровОтКлиента",))
    books.load("returns", "orders")
    assert books.held("returns") == {}
    assert books.differing("orders") == []
    assert any("Document_ВозвратТоваровОтКлиента (returns)" in note for note in books.zone.notes)


def test_without_orders_shipments_and_sales_there_is_nothing_to_say(open_books: Open) -> None:
    entities = ("ЗаказКлиента", "РеализацияТоваровУслуг", "ОтчетОРозничныхПродажах")
    register = "AccumulationRegister_ВыручкаИСебестоимостьПродаж"
    books = open_books("ut", unpublished=(*(f"Document_{name}" for name in entities), register, f"{register}_RecordType"))
    with pytest.raises(PermanentError, match="Document_ЗаказКлиента"):
        books.load("currencies")


def test_another_configuration_than_named_is_recognised(open_books: Open) -> None:
    books = open_books("ut")
    with pytest.raises(PermanentError, match='configuration = "ut"'):
        books.connect(configuration="unf").check()


def test_a_base_that_publishes_nothing_says_where_to_tick(open_books: Open, company: Company) -> None:
    books = open_books("unf")
    books.base.sets.clear()
    books.base.published = frozenset()
    books.base.revision += 1
    with pytest.raises(PermanentError, match="publishes nothing"):
        books.connect().check()


def test_references_to_unpublished_types_are_told_with_their_number(open_books: Open) -> None:
    books = open_books("ut")
    books.load("orders")
    assert any("Document_ЗаказКлиента refers to objects that 1C does not publish" in note for note in books.zone.notes)


def test_another_field_is_stamped_under_the_standard_name(open_books: Open) -> None:
    books = open_books("ut")
    books.load("orders", entities={"orders": {"fields": {"manager": "Автор"}, "deal": "Комментарий"}})
    for payload in books.zone.records("orders").values():
        assert payload["Менеджер"] == payload["Автор"]
        assert payload["_deal"] == payload["Комментарий"]
