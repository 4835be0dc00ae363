"""The checks between the systems: files, list, descriptions and sentences agree."""

import re
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[2] / "dbt_project"
FOLDER = PROJECT / "models" / "intermediate" / "reconciliation"
CHECKS = sorted(path.stem.removeprefix("check_") for path in FOLDER.glob("check_*.sql"))
CONTRACT = {
    "won_deal_without_order", "order_without_deal", "amount_differs", "paid_not_shipped", "shipped_not_paid", "paid_order_open_deal",
    "payment_without_order", "duplicate_customer", "missed_call_not_returned", "missing_exchange_rate", "unknown_manager",
    "control_total_differs", "contradictory_record",
}  # fmt: skip
COLUMNS = (
    "issue_id", "severity", "customer_key", "manager_key", "deal_key", "order_key", "payment_key", "amount", "occurred_date", "details",
)  # fmt: skip
SENTENCES = (PROJECT / "macros" / "reconciliation.sql").read_text(encoding="utf-8")


def test_every_check_of_the_contract_is_a_file_and_plain_dbt_knows_it() -> None:
    """A check that the list forgets is built and read by nobody."""
    listed = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["reconciliation_checks"]
    assert set(CHECKS) >= CONTRACT
    assert sorted(listed) == CHECKS


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_is_described_and_gives_the_columns_of_a_check(check: str) -> None:
    models = yaml.safe_load((FOLDER / "_reconciliation__models.yml").read_text(encoding="utf-8"))["models"]
    told = next(model for model in models if model["name"] == f"check_{check}")
    assert told["description"].startswith("One row per")
    assert tuple(column["name"] for column in told["columns"]) == COLUMNS
    sql = (FOLDER / f"check_{check}.sql").read_text(encoding="utf-8").rpartition("\nselect\n")[2]
    assert [column for column in COLUMNS if not re.search(rf"\b{column}\b", sql)] == []


def test_sentences_say_the_same_in_every_language() -> None:
    """A value named in one language only would be missing for the readers of the other."""
    pairs = re.findall(r"'ru': '([^']*)',\s*'en': '([^']*)'", SENTENCES)
    assert len(pairs) == SENTENCES.count("'ru':")
    assert [(ru, en) for ru, en in pairs if set(re.findall(r"\{\w+\}", ru)) != set(re.findall(r"\{\w+\}", en))] == []


def test_a_sentence_is_told_for_every_name_that_a_check_asks_for() -> None:
    asked = {
        name for path in FOLDER.glob("check_*.sql") for name in re.findall(r"reconciliation_sentence\('(\w+)'", path.read_text("utf-8"))
    }
    told = set(re.findall(r"'(\w+)': \{\s*'ru'", SENTENCES))
    rules = re.search(r"set rules = \[(.*?)\]", (FOLDER / "check_contradictory_record.sql").read_text("utf-8"), re.DOTALL)
    assert rules is not None
    assert asked | set(re.findall(r"'(\w+)'", rules[1])) == told
