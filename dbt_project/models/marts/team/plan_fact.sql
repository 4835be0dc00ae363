with

-- twenty-seven sums are made of the facts below: only those, and of those months, that somebody has planned
planned as {{ computed_once() }} (

    select distinct
        month,
        metric || ' ' || scope_kind as kind_of_plan
    from {{ ref('int_plans') }}

),

sales as (

    select
        {{ month_start('sales.sale_date') }} as month,
        sales.manager_key as manager_key,
        managers.department,
        products.category as product_category,
        sales.customer_key,
        sales.document_key,
        sales.is_sale,
        sales.revenue_base,
        sales.gross_profit_base
    from {{ ref('fct_sales') }} as sales
    left join {{ ref('dim_managers') }} as managers on sales.manager_key = managers.manager_key
    left join {{ ref('dim_products') }} as products on sales.product_key = products.product_key
    where sales.sale_date <= {{ as_of_date() }} and {{ month_start('sales.sale_date') }} in (select planned.month from planned)

),

payments as {{ computed_once() }} (

    select
        {{ month_start('payments.payment_date') }} as month,
        payments.manager_key,
        managers.department,
        payments.customer_key,
        payments.amount_base
    from {{ ref('fct_payments') }} as payments
    left join {{ ref('dim_managers') }} as managers on payments.manager_key = managers.manager_key
    where payments.payment_date <= {{ as_of_date() }} and {{ month_start('payments.payment_date') }} in (select planned.month from planned)

),

won as {{ computed_once() }} (

    select
        {{ month_start('deals.closed_date') }} as month,
        deals.manager_at_close_key as manager_key,
        managers.department,
        deals.customer_key
    from {{ ref('int_deal_states_as_of') }} as deals
    left join {{ ref('dim_managers') }} as managers on deals.manager_at_close_key = managers.manager_key
    where deals.deal_status = 'won' and {{ month_start('deals.closed_date') }} in (select planned.month from planned)

),

contacts as {{ computed_once() }} (

    select
        {{ month_start(business_date('activities.occurred_at')) }} as month,
        activities.manager_key,
        managers.department,
        activities.customer_key
    from {{ ref('fct_activities') }} as activities
    left join {{ ref('dim_managers') }} as managers on activities.manager_key = managers.manager_key
    where
        activities.occurred_at < {{ as_of_end() }}
        and {{ month_start(business_date('activities.occurred_at')) }} in (select planned.month from planned)

),

{%- set scopes = {
    'company': "'company'", 'department': 'department', 'manager': 'manager_key', 'product_category': 'product_category',
    'customer': 'customer_key',
} %}
{%- set documents = "count(distinct case when is_sale then document_key end)" %}
{%- set figures = {
    'revenue': ['sales', 'sum(revenue_base)'],
    'gross_profit': ['sales', 'sum(gross_profit_base)'],
    'average_sale': ['sales', quotient('sum(revenue_base)', 'nullif(' ~ documents ~ ', 0)')],
    'cash': ['payments', 'sum(amount_base)'],
    'deals_won': ['won', 'count(*)'],
    'contacts': ['contacts', 'count(*)'],
} %}
{%- set parts = [] %}
{%- for kind, key in scopes.items() %}
{%- for metric, figure in figures.items() if kind != 'product_category' or figure[0] == 'sales' %}
{%- do parts.append([metric, kind, key, figure[0], figure[1]]) %}
{%- endfor %}
{%- endfor %}

facts as (

    {%- for metric, kind, key, relation, figure in parts %}
    select
        month,
        '{{ metric }}' as metric,
        '{{ kind }}' as scope_kind,
        {{ key }} as scope_key,
        {{ figure }} as fact
    from {{ relation }}
    where '{{ metric }} {{ kind }}' in (select planned.kind_of_plan from planned)
    group by month, {{ 'scope_key' if kind == 'company' else key }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

compared as (

    select
        plans.month,
        plans.metric,
        plans.scope_kind,
        plans.scope_key,
        plans.value as plan,
        -- where nothing was sold no sale is of average size; of the other figures there was none
        {{ round_quotient("case when plans.metric = 'average_sale' then facts.fact else coalesce(facts.fact, 0) end") }} as fact
    from {{ ref('int_plans') }} as plans
    left join facts
        on
            plans.month = facts.month
            and plans.metric = facts.metric
            and plans.scope_kind = facts.scope_kind
            and plans.scope_key = facts.scope_key

)

select
    month,
    metric,
    scope_kind,
    scope_key,
    plan,
    fact,
    {{ ratio('fact', 'plan') }} as completion
from compared
