{#- Attributes of a customer: each from the first card (in the order of sources) that has it; a card marked for deletion, usually the
    duplicate that was given up, speaks only where no other card does. Ranks are row numbers, far below the step added here. -#}
with

cards as (

    select
        links.customer_key,
        cards.card_rank as card_rank,
        cards.card_rank + case when cards.is_marked then 1000000000 else 0 end as word_rank,
        cards.card_key as card_key,
        nullif(trim(cards.customer_name), '') as customer_name,
        nullif(cards.customer_type, 'unknown') as customer_type,
        cards.tax_id,
        cards.city,
        managers.manager_key
    from {{ ref('int_customer_cards') }} as cards
    inner join {{ ref('int_customer_links') }} as links on cards.card_key = links.card_key
    left join {{ ref('int_manager_links') }} as managers on cards.manager_ref = managers.manager_ref
    where links.customer_key is not null

),

attributes as (

    select
        customer_key,
        {{ first_known('customer_name', 'word_rank') }} as customer_name,
        {{ first_known('customer_type', 'word_rank') }} as customer_type,
        {{ first_known('tax_id', 'word_rank') }} as tax_id,
        {{ first_known('city', 'word_rank') }} as city,
        {{ first_known('manager_key', 'word_rank') }} as manager_key
    from cards
    group by customer_key

),

contacts as (

    select
        cards.customer_key,
        -- the first card's, one that others do not share before a switchboard, in a fixed order among several
        {%- for kind in ['phone', 'email'] %}
        substr(min(
            case when identifiers.identifier_kind = '{{ kind }}' then
                case when identifiers.matches_nobody then '1' else '0' end
                || lpad({{ cast_as('cards.card_rank', 'varchar') }}, 12, '0')
                || identifiers.identifier_value
            end
        ), 14) as {{ kind }},
        {%- endfor %}
        {{ text_list("case when identifiers.identifier_kind = 'phone' then substr(identifiers.identifier_value, 2) end") }}
        as phone_digits
    from cards
    inner join {{ ref('int_customer_identifiers') }} as identifiers on cards.card_rank = identifiers.card_rank
    group by cards.customer_key

)

select
    attributes.customer_key,
    attributes.customer_name,
    coalesce(attributes.customer_type, 'unknown') as customer_type,
    attributes.tax_id,
    contacts.phone,
    contacts.email,
    attributes.city,
    attributes.manager_key,
    contacts.phone_digits
from attributes
left join contacts on attributes.customer_key = contacts.customer_key
