-- A product of 1C as sales need it: its mastered key, and whether it is a service, whose cost may rightly be nothing.
select
    cards.product_ref,
    links.product_key,
    cards.is_service
from {{ ref('int_product_cards__onec') }} as cards
left join {{ ref('int_product_links') }} as links on cards.product_ref = links.product_ref
