-- A returned pair of cards belongs together, yet its cards are in different groups although nobody forbade anything in either:
-- label propagation stopped too early; raise var identity_rounds.
with

anchored as (

    select distinct components.customer_rank
    from {{ ref('int_customer_components') }} as components
    inner join {{ ref('int_customer_manual_matches') }} as manual
        on components.card_rank = manual.rank_a or components.card_rank = manual.rank_b
    where not manual.is_same

)

select
    pairs.rank_a,
    pairs.rank_b,
    pairs.match_rule
from {{ ref('int_customer_pairs') }} as pairs
inner join {{ ref('int_customer_components') }} as a on pairs.rank_a = a.card_rank
inner join {{ ref('int_customer_components') }} as b on pairs.rank_b = b.card_rank
where
    a.customer_rank <> b.customer_rank
    and not (
        a.customer_rank in (select anchored.customer_rank from anchored)
        and b.customer_rank in (select anchored.customer_rank from anchored)
    )
