with

reasons as (

    select
        rank_a as card_rank,
        rank_b as other_rank,
        match_rule,
        weight
    from {{ ref('int_customer_pairs') }}

    union all

    select
        rank_b as card_rank,
        rank_a as other_rank,
        match_rule,
        weight
    from {{ ref('int_customer_pairs') }}

),

explained as (

    select
        reasons.card_rank as card_rank,
        reasons.match_rule,
        row_number() over (
            partition by reasons.card_rank
            -- what ties a card to an earlier one explains it; a card that only hangs on it does not
            order by case when reasons.other_rank < reasons.card_rank then 0 else 1 end asc, reasons.weight desc, reasons.other_rank asc
        ) as place
    from reasons
    inner join {{ ref('int_customer_components') }} as here on reasons.card_rank = here.card_rank
    inner join {{ ref('int_customer_components') }} as there on reasons.other_rank = there.card_rank
    where here.customer_rank = there.customer_rank and here.card_rank <> here.customer_rank

)

select
    cards.card_key as card_key,
    cards.source as source,
    cards.source_customer_id as source_customer_id,
    case
        when cards.is_technical then null
        else coalesce(firsts.card_key, cards.card_key)
    end as customer_key,
    coalesce(explained.match_rule, 'own') as match_rule,
    cards.source_url as source_url,
    cards.card_rank as card_rank
from {{ ref('int_customer_cards') }} as cards
left join {{ ref('int_customer_components') }} as components on cards.card_rank = components.card_rank
left join {{ ref('int_customer_cards') }} as firsts on components.customer_rank = firsts.card_rank
left join explained on cards.card_rank = explained.card_rank and explained.place = 1
