-- A returned month has manager_kpi rows that do not add up to the facts: revenue, profit, cash, won deals, calls or contacts.
with

told as (

    select
        month,
        sum(revenue) as revenue,
        sum(cash_received) as cash,
        sum(deals_won) as deals_won,
        sum(deals_created) as deals_created,
        sum(calls_in + calls_out) as calls,
        sum(contacts) as contacts
    from {{ ref('manager_kpi') }}
    group by month

),

facts as (

    {%- set figures = ['revenue', 'cash', 'deals_won', 'deals_created', 'calls', 'contacts'] %}
    {%- set parts = [
        ['revenue', 'revenue_base', month_start('sale_date'), ref('fct_sales'), 'sale_date <= ' ~ as_of_date()],
        ['cash', 'amount_base', month_start('payment_date'), ref('fct_payments'), 'payment_date <= ' ~ as_of_date()],
        [
            'deals_won', '1', month_start('closed_date'), ref('int_deal_states_as_of'),
            "deal_status = 'won'",
        ],
        ['deals_created', '1', month_start(business_date('created_at')), ref('fct_deals'), 'created_at < ' ~ as_of_end()],
        [
            'calls', '1', month_start('call_date'), ref('fct_calls'),
            "direction in ('in', 'out') and call_date <= " ~ as_of_date(),
        ],
        ['contacts', '1', month_start(business_date('occurred_at')), ref('fct_activities'), 'occurred_at < ' ~ as_of_end()],
    ] %}
    {%- for figure, value, month, relation, condition in parts %}
    select
        {{ month }} as month,
        {%- for name in figures %}
        {{ value if name == figure else '0' }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

expected as (

    select
        month,
        sum(revenue) as revenue,
        sum(cash) as cash,
        sum(deals_won) as deals_won,
        sum(deals_created) as deals_created,
        sum(calls) as calls,
        sum(contacts) as contacts
    from facts
    group by month

)

select
    coalesce(told.month, expected.month) as month,
    told.revenue,
    expected.revenue as revenue_of_sales
from told
full join expected on told.month = expected.month
where
    coalesce(told.revenue, 0) <> coalesce(expected.revenue, 0)
    or coalesce(told.cash, 0) <> coalesce(expected.cash, 0)
    or coalesce(told.deals_won, 0) <> coalesce(expected.deals_won, 0)
    or coalesce(told.deals_created, 0) <> coalesce(expected.deals_created, 0)
    or coalesce(told.calls, 0) <> coalesce(expected.calls, 0)
    or coalesce(told.contacts, 0) <> coalesce(expected.contacts, 0)
