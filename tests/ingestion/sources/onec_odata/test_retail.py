"""A base of Розница 2: shops only, no sales register, returns as receipts of another operation."""

from decimal import Decimal

from ingestion.sandbox.company import Company
from tests.ingestion.sources.onec_odata.conftest import Open


def test_a_base_of_shops_is_read_whole_and_gives_what_was_sold_at_the_tills(open_books: Open, company: Company) -> None:
    books = open_books("retail")
    books.load()
    assert books.differing() == []
    assert books.connect().check()
    receipts = [one for one in books.held("retail_receipts").values() if one["Posted"]]
    sold = sum(Decimal(str(line["Сумма"])) * (-1 if one["ВидОперации"] == "Возврат" else 1) for one in receipts for line in one["Товары"])
    truth = sum((line.amount * (-1 if one.is_return else 1) for one in company.receipts if one.is_posted for line in one.lines), Decimal(0))
    assert sold == truth > 0
    assert books.held("stock_balance")
    books.load()
    assert sum(result.written for result in books.load().values()) == 0
