select
    payments.payment_key,
    payments.source as source,
    payments.document_key,
    payments.paid_at,
    payments.payment_date,
    organisations.organisation_key as organisation_key,
    payments.customer_key as customer_key,
    coalesce(payments.order_manager_key, customers.manager_key) as manager_key,
    payments.order_key as order_key,
    links.deal_key as deal_key,
    -- a deal that is made after as_of has brought nobody yet
    case when deals.created_at >= {{ as_of_end() }} then channels.channel else coalesce(deals.channel, channels.channel) end as channel,
    payments.amount as amount,
    payments.currency_code as currency_code,
    payments.amount_base as amount_base,
    payments.payment_method,
    payments.direction
from {{ ref('int_payments') }} as payments
left join {{ ref('int_customers') }} as customers on payments.customer_key = customers.customer_key
left join {{ ref('int_order_deals') }} as links on payments.order_key = links.order_key
left join {{ ref('int_deals') }} as deals on links.deal_key = deals.deal_key
left join {{ ref('int_customer_channels') }} as channels on payments.customer_key = channels.customer_key
left join {{ ref('dim_organisations') }} as organisations on payments.organisation_key = organisations.organisation_key
where payments.is_customer_money
