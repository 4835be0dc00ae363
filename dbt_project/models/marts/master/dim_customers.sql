with

deals as (

    select
        customer_key,
        created_at as first_deal_at,
        channel,
        row_number() over (partition by customer_key order by created_at, deal_key) as deal_number
    from {{ ref('fct_deals') }}
    where customer_key is not null and created_at < {{ as_of_end() }}

),

sales as (

    select
        customer_key,
        min(case when is_sale then sale_date end) as first_sale_date,
        max(case when is_sale then sale_date end) as last_sale_date,
        count(distinct case when is_sale then document_key end) as sales_count,
        sum(revenue_base) as revenue_base
    from {{ ref('fct_sales') }}
    where customer_key is not null and sale_date <= {{ as_of_date() }}
    group by customer_key

),

classes as (

    select
        customer_key,
        abc_class,
        xyz_class
    from {{ ref('abc_xyz_customers') }}
    where measure = 'revenue'

)

select
    customers.customer_key as customer_key,
    customers.customer_name,
    customers.customer_type,
    customers.tax_id,
    customers.phone,
    customers.email,
    customers.city,
    customers.manager_key,
    deals.channel,
    deals.first_deal_at,
    sales.first_sale_date,
    sales.last_sale_date,
    cast(coalesce(sales.sales_count, 0) as bigint) as sales_count,
    {{ cast_as('coalesce(sales.revenue_base, 0)', 'decimal(18,2)') }} as revenue_base,
    case
        when sales.last_sale_date is null then 'lead'
        when {{ days_between('sales.last_sale_date', as_of_date()) }} > {{ var('lifecycle_lost_days') }} then 'lost'
        when {{ days_between('sales.last_sale_date', as_of_date()) }} > {{ var('lifecycle_sleeping_days') }} then 'sleeping'
        when {{ days_between('sales.first_sale_date', as_of_date()) }} <= {{ var('lifecycle_new_days') }} then 'new'
        else 'active'
    end as lifecycle,
    classes.abc_class,
    classes.xyz_class,
    rfm.rfm_segment,
    trim(
        coalesce({{ lower_case('customers.customer_name') }}, '')
        || ' ' || coalesce({{ lower_case('customers.tax_id') }}, '')
        || ' ' || coalesce(customers.phone_digits, '')
    ) as search_text
from {{ ref('int_customers') }} as customers
left join deals on customers.customer_key = deals.customer_key and deals.deal_number = 1
left join sales on customers.customer_key = sales.customer_key
left join classes on customers.customer_key = classes.customer_key
left join {{ ref('rfm_customers') }} as rfm on customers.customer_key = rfm.customer_key
