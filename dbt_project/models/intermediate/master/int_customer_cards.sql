{%- set columns = [
    'card_key', 'source', 'source_customer_id', 'card_kind', 'customer_name', 'customer_type', 'tax_id', 'kpp', 'city', 'manager_ref',
    'parent_card_key', 'created_at', 'is_technical', 'is_marked', 'source_url',
] -%}

with

cards as (

    {{ union_of('int_customer_cards', columns) }}

)

select
    cards.card_key,
    cards.source,
    cards.source_customer_id,
    cards.card_kind,
    cards.customer_name,
    cards.customer_type,
    cards.tax_id,
    cards.kpp,
    cards.city,
    cards.manager_ref,
    cards.parent_card_key,
    cards.created_at,
    coalesce(cards.is_technical, false) as is_technical,
    coalesce(cards.is_marked, false) as is_marked,
    cards.source_url,
    -- the order in which a group's first record gives it its key
    row_number() over (
        order by
            coalesce(sources.position, 1000000),
            cards.source,
            case cards.card_kind when 'partner' then 1 when 'counterparty' then 2 when 'company' then 3 else 4 end,
            {{ id_order("coalesce(" ~ text_part('cards.source_customer_id', ':', 2) ~ ", cards.source_customer_id)") }},
            cards.source_customer_id
    ) as card_rank
from cards
left join {{ ref('int_sources') }} as sources on cards.source = sources.source
