{#- Every reason why two cards are one customer; a pair that somebody forbade is not here, whatever speaks for it. -#}
with

cards as (

    select
        card_key,
        card_rank,
        parent_card_key
    from {{ ref('int_customer_cards') }}
    where not is_technical

),

identifiers as (

    select
        card_rank,
        identifier_kind,
        identifier_value
    from {{ ref('int_customer_identifiers') }}
    where not matches_nobody

),

codes as (

    select
        identifiers.card_rank,
        cards.card_rank as target_rank
    from {{ ref('int_customer_identifiers') }} as identifiers
    inner join cards on identifiers.identifier_value = cards.card_key
    where identifiers.identifier_kind = 'crm_code'

),

pairs as (

    select
        cards.card_rank as rank_a,
        parents.card_rank as rank_b,
        'own' as match_rule
    from cards
    inner join cards as parents on cards.parent_card_key = parents.card_key

    union all

    select
        card_rank as rank_a,
        target_rank as rank_b,
        'crm_code' as match_rule
    from codes

    union all

    select
        here.card_rank as rank_a,
        there.card_rank as rank_b,
        here.identifier_kind as match_rule
    from identifiers as here
    inner join identifiers as there
        on
            here.identifier_kind = there.identifier_kind
            and here.identifier_value = there.identifier_value
    where here.card_rank < there.card_rank

    union all

    select
        rank_a,
        rank_b,
        'manual' as match_rule
    from {{ ref('int_customer_manual_matches') }}
    where is_same

),

ordered as (

    select distinct
        least(rank_a, rank_b) as rank_a,
        greatest(rank_a, rank_b) as rank_b,
        match_rule
    from pairs
    where rank_a <> rank_b

)

select
    ordered.rank_a,
    ordered.rank_b,
    ordered.match_rule,
    {{ match_rule_weight('ordered.match_rule') }} as weight
from ordered
left join {{ ref('int_customer_manual_matches') }} as forbidden
    on
        ordered.rank_a = forbidden.rank_a
        and ordered.rank_b = forbidden.rank_b
        and not forbidden.is_same
where forbidden.rank_a is null
