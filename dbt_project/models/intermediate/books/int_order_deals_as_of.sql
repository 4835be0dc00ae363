{{ config(materialized=read_through()) }}
-- A deal that is made after as_of is no order's deal yet.
select
    links.order_key as order_key,
    links.deal_key as deal_key
from {{ ref('int_order_deals') }} as links
inner join {{ ref('int_deals') }} as deals on links.deal_key = deals.deal_key
where deals.created_at < {{ as_of_end() }}
