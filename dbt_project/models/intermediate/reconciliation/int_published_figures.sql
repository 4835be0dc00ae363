{#-
    What the present marts and the previous publication say of past months. The list of figures is here and nowhere else: metric → mart,
    its date, and the additive column.
-#}
{%- set figures = {
    'revenue': ['revenue_daily', 'date', 'revenue'],
    'gross_profit': ['revenue_daily', 'date', 'gross_profit'],
    'cash_received': ['revenue_daily', 'date', 'cash_received'],
    'orders_amount': ['revenue_daily', 'date', 'orders_amount'],
    'sales_count': ['revenue_daily', 'date', 'sales_count'],
    'won_amount': ['manager_kpi', 'month', 'won_amount'],
    'deals_won': ['manager_kpi', 'month', 'deals_won'],
    'new_customers': ['manager_kpi', 'month', 'new_customers'],
    'advertising_cost': ['fct_campaign_costs', 'cost_date', 'cost_base'],
} %}
{%- set marts = {
    'revenue_daily': ref('revenue_daily'), 'manager_kpi': ref('manager_kpi'), 'fct_campaign_costs': ref('fct_campaign_costs'),
} %}
{%- set previous = namespace(publication=previous_mart('publication', ['as_of_date', 'base_currency'])) %}

with

present_figures as (

    {%- for metric, where in figures.items() %}
    select
        '{{ metric }}' as metric,
        {{ month_start('figures.' ~ where[1]) }} as month,
        {{ cast_as('sum(figures.' ~ where[2] ~ ')', 'decimal(18,2)') }} as figure
    from {{ marts[where[0]] }} as figures
    group by {{ month_start('figures.' ~ where[1]) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

previous_figures as (

    {%- for metric, where in figures.items() %}
    {%- set mart = previous_mart(where[0], [where[1], where[2]]) %}
    select
        '{{ metric }}' as metric,
        {%- if mart and previous.publication %}
        {{ month_start('figures.' ~ where[1]) }} as month,
        {{ cast_as('sum(figures.' ~ where[2] ~ ')', 'decimal(18,2)') }} as figure
    from {{ mart }} as figures
    group by {{ month_start('figures.' ~ where[1]) }}
        {%- else %}
        {{ cast_as('null', 'date') }} as month,
        {{ cast_as('null', 'decimal(18,2)') }} as figure
    where 1 = 0
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- figures in another currency are other figures
previous_publication as (

    {%- if previous.publication %}
    select as_of_date
    from {{ previous.publication }}
    where base_currency = '{{ var("base_currency") }}'
    {%- else %}
    select {{ cast_as('null', 'date') }} as as_of_date
    where 1 = 0
    {%- endif %}

)

select
    coalesce(present_figures.metric, previous_figures.metric) as metric,
    coalesce(present_figures.month, previous_figures.month) as month,
    coalesce(previous_figures.figure, 0) as was,
    coalesce(present_figures.figure, 0) as now
from present_figures
full outer join previous_figures
    on present_figures.metric = previous_figures.metric and present_figures.month = previous_figures.month
cross join previous_publication
-- only months that were over both then and now
where
    {{ add_months('coalesce(present_figures.month, previous_figures.month)', 1) }} <= {{ add_days('previous_publication.as_of_date', 1) }}
    and {{ add_months('coalesce(present_figures.month, previous_figures.month)', 1) }} <= {{ add_days(as_of_date(), 1) }}
