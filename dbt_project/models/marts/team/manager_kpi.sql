{%- set measures = [
    'deals_created', 'deals_won', 'deals_lost', 'won_amount', 'revenue', 'gross_profit', 'cash_received', 'sales_count', 'new_customers',
    'contacts', 'calls_in', 'calls_out', 'calls_missed', 'calls_lost', 'talk_minutes', 'overdue_debt', 'plan_revenue',
] -%}

with

deals_created as (

    select
        {{ month_start(business_date('created_at')) }} as month,
        manager_key,
        count(*) as deals_created
    from {{ ref('fct_deals') }}
    where created_at < {{ as_of_end() }}
    group by {{ month_start(business_date('created_at')) }}, manager_key

),

-- as they stood at as_of: a deal that was reopened later had been lost then
deals_closed as (

    select
        {{ month_start('closed_date') }} as month,
        manager_at_close_key as manager_key,
        sum(case when deal_status = 'won' then 1 else 0 end) as deals_won,
        sum(case when deal_status = 'lost' then 1 else 0 end) as deals_lost,
        sum(case when deal_status = 'won' then amount else 0 end) as won_amount
    from {{ ref('int_deal_states_as_of') }}
    where deal_status in ('won', 'lost')
    group by {{ month_start('closed_date') }}, manager_at_close_key

),

sales as (

    select
        {{ month_start('sale_date') }} as month,
        manager_key,
        sum(revenue_base) as revenue,
        sum(gross_profit_base) as gross_profit,
        count(distinct case when is_sale then document_key end) as sales_count
    from {{ ref('fct_sales') }}
    where sale_date <= {{ as_of_date() }}
    group by {{ month_start('sale_date') }}, manager_key

),

first_days as (

    select
        customer_key as new_customer_key,
        min(sale_date) as first_date
    from {{ ref('fct_sales') }}
    where customer_key is not null and is_sale and sale_date <= {{ as_of_date() }}
    group by customer_key

),

first_sales as (

    select
        {{ month_start('min(sales.sale_date)') }} as month,
        {{ arg_min('sales.manager_key', 'sales.sale_key') }} as manager_key
    from {{ ref('fct_sales') }} as sales
    inner join first_days on sales.customer_key = first_days.new_customer_key and sales.sale_date = first_days.first_date
    where sales.is_sale
    group by sales.customer_key

),

new_customers as (

    select
        month,
        manager_key,
        count(*) as new_customers
    from first_sales
    group by month, manager_key

),

payments as (

    select
        {{ month_start('payment_date') }} as month,
        manager_key,
        sum(amount_base) as cash_received
    from {{ ref('fct_payments') }}
    where payment_date <= {{ as_of_date() }}
    group by {{ month_start('payment_date') }}, manager_key

),

contacts as (

    select
        {{ month_start(business_date('occurred_at')) }} as month,
        manager_key,
        count(*) as contacts
    from {{ ref('fct_activities') }}
    where occurred_at < {{ as_of_end() }}
    group by {{ month_start(business_date('occurred_at')) }}, manager_key

),

calls as (

    select
        {{ month_start('call_date') }} as month,
        manager_key,
        sum(case when direction = 'in' then 1 else 0 end) as calls_in,
        sum(case when direction = 'out' then 1 else 0 end) as calls_out,
        sum(case when is_missed then 1 else 0 end) as calls_missed,
        sum(case when is_lost then 1 else 0 end) as calls_lost,
        sum(case when is_answered then coalesce(talk_seconds, 0) else 0 end) / 60.0 as talk_minutes
    from {{ ref('fct_calls') }}
    where direction in ('in', 'out') and call_date <= {{ as_of_date() }}
    group by {{ month_start('call_date') }}, manager_key

),

-- with what of the company's plan no manager has
plans as (

    select
        month,
        manager_key,
        plan_revenue
    from {{ ref('revenue_plan_months') }}
    where month <= {{ month_start(as_of_date()) }}

),

facts as (

    {%- set parts = [
        ['deals_created', ['deals_created']],
        ['deals_closed', ['deals_won', 'deals_lost', 'won_amount']],
        ['sales', ['revenue', 'gross_profit', 'sales_count']],
        ['new_customers', ['new_customers']],
        ['payments', ['cash_received']],
        ['contacts', ['contacts']],
        ['calls', ['calls_in', 'calls_out', 'calls_missed', 'calls_lost', 'talk_minutes']],
        [ref('int_overdue_debt_months'), ['overdue_debt']],
        ['plans', ['plan_revenue']],
    ] %}
    {%- for part in parts %}
    select
        month,
        manager_key,
        {%- for measure in measures %}
        {{ measure if measure in part[1] else 'null' }} as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ part[0] }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

summed as (

    select
        month,
        manager_key,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from facts
    group by month, manager_key

),

responses as (

    select
        month,
        manager_key,
        {{ median('response_minutes') }} as first_response_minutes,
        count(*) as first_response_deals
    from {{ ref('int_first_responses') }}
    group by month, manager_key

)

select
    summed.month,
    summed.manager_key,
    {{ cast_as('coalesce(summed.deals_created, 0)', 'bigint') }} as deals_created,
    {{ cast_as('coalesce(summed.deals_won, 0)', 'bigint') }} as deals_won,
    {{ cast_as('coalesce(summed.deals_lost, 0)', 'bigint') }} as deals_lost,
    {{ cast_as('coalesce(summed.won_amount, 0)', 'decimal(18,2)') }} as won_amount,
    {{ ratio('summed.deals_won', 'summed.deals_won + summed.deals_lost') }} as win_rate,
    {{ cast_as('coalesce(summed.revenue, 0)', 'decimal(18,2)') }} as revenue,
    -- nothing sold is a profit of 0; something sold at an unknown cost is an unknown profit
    {{ cast_as('coalesce(summed.gross_profit, case when coalesce(summed.revenue, 0) = 0 then 0 end)', 'decimal(18,2)') }} as gross_profit,
    {{ cast_as('coalesce(summed.cash_received, 0)', 'decimal(18,2)') }} as cash_received,
    {{ cast_as('coalesce(summed.sales_count, 0)', 'bigint') }} as sales_count,
    {{ round_quotient(ratio('coalesce(summed.revenue, 0)', 'summed.sales_count')) }} as average_sale,
    {{ cast_as('coalesce(summed.new_customers, 0)', 'bigint') }} as new_customers,
    {{ cast_as('coalesce(summed.contacts, 0)', 'bigint') }} as contacts,
    {{ cast_as('coalesce(summed.calls_in, 0)', 'bigint') }} as calls_in,
    {{ cast_as('coalesce(summed.calls_out, 0)', 'bigint') }} as calls_out,
    {{ cast_as('coalesce(summed.calls_missed, 0)', 'bigint') }} as calls_missed,
    {{ cast_as('coalesce(summed.calls_lost, 0)', 'bigint') }} as calls_lost,
    {{ cast_as('coalesce(summed.talk_minutes, 0)', 'double') }} as talk_minutes,
    responses.first_response_minutes,
    {{ cast_as('coalesce(responses.first_response_deals, 0)', 'bigint') }} as first_response_deals,
    {{ cast_as('coalesce(summed.overdue_debt, 0)', 'decimal(18,2)') }} as overdue_debt,
    {{ cast_as('summed.plan_revenue', 'decimal(18,2)') }} as plan_revenue,
    {{ ratio('coalesce(summed.revenue, 0)', 'summed.plan_revenue') }} as plan_completion
from summed
left join responses
    on summed.month = responses.month and {{ same_value('summed.manager_key', 'responses.manager_key') }}
where
    {%- for measure in measures %}
    coalesce(summed.{{ measure }}, 0) <> 0{{ ' or' if not loop.last }}
    {%- endfor %}
