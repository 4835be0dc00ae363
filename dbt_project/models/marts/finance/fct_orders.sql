select
    orders.order_key as order_key,
    orders.source as source,
    orders.order_number,
    orders.order_date,
    organisations.organisation_key as organisation_key,
    orders.customer_key as customer_key,
    orders.manager_key as manager_key,
    links.deal_key as deal_key,
    -- a deal that is made after as_of has brought nobody yet
    case when deals.created_at >= {{ as_of_end() }} then channels.channel else coalesce(deals.channel, channels.channel) end as channel,
    orders.order_channel,
    case
        when orders.is_cancelled then 'cancelled'
        when orders.is_closed then 'closed'
        -- what was returned later does not open the order again: nothing more of it is to be shipped
        when settlements.shipped_in_all >= orders.amount and settlements.shipped_in_all > 0 and settlements.debt = 0 then 'closed'
        when settlements.shipped_in_all >= orders.amount and settlements.shipped_in_all > 0 then 'shipped'
        when not orders.is_order and orders.amount <= 0 and settlements.first_shipped_date is null then 'closed'
        else 'open'
    end as order_status,
    orders.amount as amount,
    orders.currency_code as currency_code,
    {{ round_money('orders.amount * orders.rate_to_base') }} as amount_base,
    {{ round_money('orders.vat * orders.rate_to_base') }} as vat_base,
    settlements.shipped_base,
    settlements.paid_base,
    settlements.debt_base,
    due_dates.due_date as due_date,
    orders.is_order,
    orders.is_cancelled,
    orders.source_url as source_url,
    settlements.first_shipped_date,
    links.link_rule as deal_link_rule
from {{ ref('int_orders') }} as orders
left join {{ ref('int_order_settlements') }} as settlements on orders.order_key = settlements.order_key
left join {{ ref('int_order_due_dates') }} as due_dates on orders.order_key = due_dates.order_key
left join {{ ref('int_order_deals') }} as links on orders.order_key = links.order_key
left join {{ ref('int_deals') }} as deals on links.deal_key = deals.deal_key
left join {{ ref('int_customer_channels') }} as channels on orders.customer_key = channels.customer_key
left join {{ ref('dim_organisations') }} as organisations on orders.organisation_key = organisations.organisation_key
