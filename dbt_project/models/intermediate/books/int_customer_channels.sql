-- A customer's channel is that of the first deal by as_of; the customer of a sale without a deal brings it along.
select
    customer_key,
    channel
from (
    select
        customer_key,
        channel,
        row_number() over (partition by customer_key order by created_at, deal_key) as place
    from {{ ref('int_deals') }}
    where customer_key is not null and created_at < {{ as_of_end() }}
) as ranked
where place = 1
