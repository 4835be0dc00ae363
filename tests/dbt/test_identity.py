"""Cards of three systems become customers: a thousand cases, their precision and recall, and what must never happen."""

from collections import Counter, defaultdict

import pytest

from tests.dbt.identity_cases import LONG_CHAIN, Card, Cases, make_cases
from tests.dbt.kept_dbt import Dbt
from tests.dbt.workbench import Workbench

CARD_COLUMNS = (
    "card_key varchar, source varchar, source_customer_id varchar, card_kind varchar, customer_name varchar, customer_type varchar,"
    " tax_id varchar, kpp varchar, city varchar, manager_ref varchar, parent_card_key varchar, created_at timestamptz,"
    " is_technical boolean, is_marked boolean, source_url varchar"
)
SYSTEMS = {"books": "onec", "sales": "amocrm", "portal": "bitrix24"}
MODELS = (
    "int_customer_cards", "int_customer_identifiers", "int_customer_manual_matches", "int_customer_pairs", "int_customer_groups",
    "int_customer_anchors", "int_customer_components", "int_customer_links",
)  # fmt: skip


@pytest.fixture(scope="module")
def cases() -> Cases:
    return make_cases()


@pytest.fixture(scope="module")
def customers(dbt: Dbt, cases: Cases, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """customer_key by card_key, as the project says."""
    entities = ("int_customer_cards", "int_customer_identifiers")
    variables = {"company_country": "RU", "systems_of": {entity: list(SYSTEMS.values()) for entity in entities}}
    bench = Workbench(dbt, tmp_path_factory.mktemp("identity"), variables)
    bench.table(
        "intermediate.int_sources",
        "source varchar, position integer, country varchar",
        [(source, position, "RU") for position, source in enumerate(SYSTEMS, 1)],
    )
    for source, system in SYSTEMS.items():
        cards = [card for card in cases.cards if card.source == source]
        bench.table(f"intermediate.int_customer_cards__{system}", CARD_COLUMNS, [card_row(card) for card in cards])
        bench.table(
            f"intermediate.int_customer_identifiers__{system}",
            "card_key varchar, identifier_kind varchar, identifier_value varchar",
            [
                (card.key, kind, value)
                for card in cards
                for kind, values in (("phone", card.phones), ("email", card.emails), ("crm_code", card.codes))
                for value in values
            ]
            or [("books:none", "phone", None)],
        )
    pair = "source_a varchar, source_customer_id_a varchar, source_b varchar, source_customer_id_b varchar, is_same boolean"
    bench.table("seeds.customer_matches", pair, [(*a.split(":", 1), *b.split(":", 1), same) for a, b, same in cases.matches])
    bench.table("staging.stg_spreadsheet__customer_matches", f"{pair}, _key varchar, is_deleted boolean")
    bench.run(*MODELS)
    return dict(bench.rows("select card_key, customer_key from intermediate.int_customer_links"))


def card_row(card: Card) -> tuple[object, ...]:
    identity = card.key.split(":", 1)[1]
    plain = (card.key, card.source, identity, card.kind, f"Покупатель {card.customer}", "unknown", card.tax_id, card.kpp)
    return (*plain, None, None, card.parent, None, False, False, None)


def pairs(number: int) -> int:
    return number * (number - 1) // 2


def test_precision_and_recall_over_a_thousand_customers(
    cases: Cases, customers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of pairs of cards: how many of those put together belong together, and how many of those that belong were found."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    true: Counter[int] = Counter()
    for card in cases.cards:
        found[customers[card.key]][card.customer] += 1
        true[card.customer] += 1
    right = sum(pairs(number) for group in found.values() for number in group.values())
    together = sum(pairs(group.total()) for group in found.values())
    belonging = sum(pairs(number) for number in true.values())
    precision, recall = right / together, right / belonging
    with capsys.disabled():
        print(f"\nidentity: {len(cases.cards)} cards, precision {precision:.4f}, recall {recall:.4f}")  # noqa: T201 a figure people ask for
    # one wrong number ties two people (2 pairs of 2 cards), ten mistyped ones leave a card alone: everything else must be right
    assert precision > 0.998
    assert recall > 0.998


def test_branches_of_one_company_are_one_customer(cases: Cases, customers: dict[str, str]) -> None:
    branches: dict[int, set[str]] = defaultdict(set)
    for card in cases.cards:
        if card.customer % 5 == 1:
            branches[card.customer].add(customers[card.key])
    assert {len(keys) for keys in branches.values()} == {1}


def test_a_customer_takes_the_key_of_its_first_card(cases: Cases, customers: dict[str, str]) -> None:
    """1C before amoCRM before Bitrix24, a partner before a counterparty, then the smallest id."""
    kinds = ("partner", "counterparty", "company", "contact")
    groups: dict[str, list[Card]] = defaultdict(list)
    for card in cases.cards:
        groups[customers[card.key]].append(card)
    for key, cards in groups.items():
        order = sorted(cards, key=lambda card: (list(SYSTEMS).index(card.source), kinds.index(card.kind), int(card.key.split(":")[2])))
        assert key == order[0].key


def test_pairs_kept_apart_by_hand_are_apart_and_matched_ones_together(cases: Cases, customers: dict[str, str]) -> None:
    assert len(cases.matches) == 40
    for one, other, same in cases.matches:
        assert (customers[one] == customers[other]) is same


def test_a_chain_in_the_worst_order_is_one_customer(cases: Cases, customers: dict[str, str]) -> None:
    """Each card knows only the next: the rounds of contraction must reach from one end to the other."""
    chain = {customers[card.key] for card in cases.cards if card.customer == LONG_CHAIN}
    assert len(chain) == 1
