{#- Pairs somebody looked at, each once (the smaller card first); the spreadsheet's word is the last. -#}
with

pairs as (

    select
        source_a || ':' || source_customer_id_a as card_a,
        source_b || ':' || source_customer_id_b as card_b,
        coalesce(is_same, true) as is_same,
        1 as priority,
        _key as row_order
    from {{ ref('stg_spreadsheet__customer_matches') }}
    where not is_deleted

    union all

    select
        source_a || ':' || source_customer_id_a as card_a,
        source_b || ':' || source_customer_id_b as card_b,
        coalesce(is_same, true) as is_same,
        2 as priority,
        '' as row_order
    from {{ ref('customer_matches') }}

),

ranked as (

    select
        least(a.card_rank, b.card_rank) as rank_a,
        greatest(a.card_rank, b.card_rank) as rank_b,
        pairs.is_same,
        row_number() over (
            partition by least(a.card_rank, b.card_rank), greatest(a.card_rank, b.card_rank)
            order by pairs.priority asc, pairs.row_order desc
        ) as place
    from pairs
    inner join {{ ref('int_customer_cards') }} as a on pairs.card_a = a.card_key
    inner join {{ ref('int_customer_cards') }} as b on pairs.card_b = b.card_key
    where not a.is_technical and not b.is_technical and a.card_rank <> b.card_rank

)

select
    rank_a,
    rank_b,
    is_same
from ranked
where place = 1
