-- Sales and payments of one customer and sum that two sources tell of: a sale on the same day, a payment within var payment_match_days. They
-- are in the figures twice. Each is suspected once, beside that of the source that comes first in skvoz.toml; payments that are known to be
-- one (marts.payment_links) are counted once already and are not here.
with

selling_sources as {{ computed_once() }} (

    select distinct source as selling_source
    from {{ ref('fct_sales') }}

),

-- documents are summed only where there is more than one system to compare
sales as (

    select
        source,
        document_key,
        max(document_number) as document_number,
        min(customer_key) as customer_key,
        min(order_key) as order_key,
        sale_date,
        sum(revenue_base) as revenue
    from {{ ref('fct_sales') }}
    where
        customer_key is not null
        and sale_date <= {{ as_of_date() }}
        and (select count(*) from selling_sources) > 1
    group by source, document_key, sale_date
    having sum(revenue_base) <> 0

),

placed_sales as (

    select
        sales.*,
        coalesce(sources.position, 1000000) as source_position,
        row_number() over (
            partition by sales.source, sales.customer_key, sales.sale_date, sales.revenue order by sales.document_key
        ) as place
    from sales
    left join {{ ref('int_sources') }} as sources on sales.source = sources.source

),

paying_sources as {{ computed_once() }} (

    select distinct source as paying_source
    from {{ ref('fct_payments') }}
    where payment_method <> 'online'

),

payments as (

    select
        payments.payment_key as payment_key,
        payments.source as source,
        payments.payment_date as payment_date,
        payments.customer_key as customer_key,
        payments.order_key as order_key,
        payments.amount_base as amount_base,
        coalesce(sources.position, 1000000) as source_position
    from {{ ref('fct_payments') }} as payments
    left join {{ ref('int_sources') }} as sources on payments.source = sources.source
    where
        payments.customer_key is not null
        and payments.payment_method <> 'online'
        and payments.payment_date <= {{ as_of_date() }}
        and (select count(*) from paying_sources) > 1

),

payment_candidates as (

    select
        again.payment_key as left_key,
        again.source || '|' || earlier.payment_key as right_key,
        1.0 * abs({{ days_between('earlier.payment_date', 'again.payment_date') }}) as distance
    from payments as again
    inner join payments as earlier on again.customer_key = earlier.customer_key and again.amount_base = earlier.amount_base
    where
        earlier.source_position < again.source_position
        and abs({{ days_between('earlier.payment_date', 'again.payment_date') }}) <= {{ var('payment_match_days') }}

),

{{ nearest_pairs('payment_pairs', 'payment_candidates') }},

found as (

    select
        'sale' as kind,
        again.document_key as record_key,
        again.document_number as document_number,
        again.source as source,
        earlier.document_number as other_number,
        earlier.source as other_source,
        again.customer_key as customer_key,
        again.order_key as order_key,
        {{ no_key() }} as payment_key,
        again.revenue as amount,
        again.sale_date as occurred_date
    from placed_sales as again
    inner join placed_sales as earlier
        on
            again.customer_key = earlier.customer_key
            and again.sale_date = earlier.sale_date
            and again.revenue = earlier.revenue
            and again.place = earlier.place
    where earlier.source_position < again.source_position

    union all

    select
        'payment' as kind,
        again.payment_key as record_key,
        again.payment_key as document_number,
        again.source as source,
        earlier.payment_key as other_number,
        earlier.source as other_source,
        again.customer_key as customer_key,
        again.order_key as order_key,
        again.payment_key as payment_key,
        again.amount_base as amount,
        again.payment_date as occurred_date
    from payment_pairs as pairs
    inner join payments as again on pairs.left_key = again.payment_key
    inner join payments as earlier on pairs.right_key = again.source || '|' || earlier.payment_key

),

-- what a third source tells too is one double still
ranked as (

    select
        *,
        row_number() over (partition by kind, record_key, occurred_date order by other_source, other_number) as suspect
    from found

)

select
    ranked.kind || ':' || ranked.record_key || ':' || {{ cast_as('ranked.occurred_date', 'varchar') }} as issue_id,
    {{ issue_severity('ranked.amount') }} as severity,
    ranked.customer_key as customer_key,
    customers.manager_key as manager_key,
    {{ no_key() }} as deal_key,
    ranked.order_key as order_key,
    ranked.payment_key as payment_key,
    ranked.amount as amount,
    ranked.occurred_date as occurred_date,
    {%- set values = {
        'number': 'ranked.document_number', 'date': 'ranked.occurred_date', 'amount': 'ranked.amount', 'currency': "'" ~ var('base_currency') ~ "'",
        'source': 'ranked.source', 'other_number': 'ranked.other_number', 'other_source': 'ranked.other_source',
    } %}
    case
        when ranked.kind = 'sale' then {{ reconciliation_sentence('sale_counted_twice', values) }}
        else {{ reconciliation_sentence('payment_counted_twice', values) }}
    end as details
from ranked
left join {{ ref('int_customers') }} as customers on ranked.customer_key = customers.customer_key
where ranked.suspect = 1
