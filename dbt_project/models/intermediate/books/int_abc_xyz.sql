-- ABC and XYZ of products and customers by one rule, so that both marts change together. Twelve full months before the month of as_of.
{%- set first_month = add_months(month_start(as_of_date()), '-' ~ var('abc_window_months')) -%}
{%- set last_day = add_days(month_start(as_of_date()), -1) -%}
{%- set measures = {
    'product': {'revenue': 'revenue', 'gross_profit': 'gross_profit', 'quantity': 'quantity'},
    'customer': {'revenue': 'revenue', 'gross_profit': 'gross_profit'},
} -%}
{#- what XYZ varies by -#}
{%- set varied = {'product': 'sum(quantity)', 'customer': 'coalesce(sum(revenue_base), 0)'} %}

with

sales_months as (

    {%- for kind, variation_value in varied.items() %}
    select
        '{{ kind }}' as item_kind,
        {{ kind }}_key as item_key,
        {{ month_start('sale_date') }} as month,
        sum(quantity) as quantity,
        coalesce(sum(revenue_base), 0) as revenue,
        sum(gross_profit_base) as gross_profit,
        -- double: a union of sums of three and of two digits keeps two
        {{ cast_as(variation_value, 'double') }} as variation_value,
        {{ any_true('is_sale') }} as is_sale
    from {{ ref('fct_sales') }}
    where {{ kind }}_key is not null and sale_date <= {{ last_day }}
    group by {{ kind }}_key, {{ month_start('sale_date') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

items as (

    select
        item_kind,
        item_key,
        min(case when is_sale then month end) as first_month,
        sum(case when month >= {{ first_month }} then revenue end) as revenue,
        coalesce(sum(case when month >= {{ first_month }} then gross_profit end), 0) as gross_profit,
        sum(case when month >= {{ first_month }} then quantity end) as quantity
    from sales_months
    group by item_kind, item_key
    having max(month) >= {{ first_month }}

),

observed as {{ computed_once() }} (

    select
        *,
        case
            when first_month is null then 0
            else {{ months_between('greatest(first_month, ' ~ first_month ~ ')', last_day) }} + 1
        end as months_observed
    from items

),

months as (

    select
        sales_months.item_kind as item_kind,
        sales_months.item_key as item_key,
        sales_months.month,
        sales_months.variation_value as month_value
    from sales_months
    inner join observed on sales_months.item_kind = observed.item_kind and sales_months.item_key = observed.item_key
    where sales_months.month >= {{ first_month }} and sales_months.month >= observed.first_month

),

means as (

    select
        observed.item_kind,
        observed.item_key,
        observed.months_observed,
        {{ quotient('coalesce(sum(months.month_value), 0)', 'nullif(observed.months_observed, 0)') }} as monthly_mean,
        count(months.month) as months_with_rows
    from observed
    left join months on observed.item_kind = months.item_kind and observed.item_key = months.item_key
    group by observed.item_kind, observed.item_key, observed.months_observed

),

-- months without a row add (0 - mean)^2 each
deviations as (

    select
        means.item_kind,
        means.item_key,
        means.months_observed,
        means.monthly_mean,
        sqrt(
            (
                coalesce(sum((months.month_value - means.monthly_mean) * (months.month_value - means.monthly_mean)), 0)
                + (means.months_observed - means.months_with_rows) * means.monthly_mean * means.monthly_mean
            ) / nullif(means.months_observed, 0)
        ) as monthly_stddev
    from means
    left join months on means.item_kind = months.item_kind and means.item_key = months.item_key
    group by means.item_kind, means.item_key, means.months_observed, means.monthly_mean, means.months_with_rows

),

variations as (

    select
        *,
        case when monthly_mean > 0 then monthly_stddev / monthly_mean end as variation
    from deviations

),

measured as (
    {% for item_kind, named in measures.items() %}
    {%- for measure, column in named.items() %}
    select
        item_kind,
        '{{ measure }}' as measure,
        item_key,
        {{ cast_as(column, 'decimal(18,3)') }} as value,
        {{ cast_as('greatest(' ~ column ~ ', 0)', 'decimal(18,3)') }} as positive_value
    from observed
    where item_kind = '{{ item_kind }}'
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

shares as (

    select
        *,
        sum(positive_value) over (partition by item_kind, measure) as total,
        sum(positive_value) over (partition by item_kind, measure order by value desc) as larger_or_equal,
        sum(positive_value) over (partition by item_kind, measure, value) as equal_values,
        rank() over (partition by item_kind, measure order by value desc) as value_rank
    from measured

),

classes as (

    select
        *,
        case
            when value <= 0 then 'C'
            when larger_or_equal - equal_values < {{ var('abc_share_a') }} * total then 'A'
            when larger_or_equal - equal_values < {{ var('abc_share_b') }} * total then 'B'
            else 'C'
        end as abc_class
    from shares

),

graded as (

    select
        item_kind,
        item_key,
        months_observed,
        monthly_mean,
        monthly_stddev,
        variation,
        case
            when months_observed < {{ var('xyz_months_min') }} or variation is null then 'N'
            -- a variation that is 10 % exactly must not miss its border by the last bit
            when {{ rounded('variation', 9) }} <= {{ var('xyz_variation_x') }} then 'X'
            when {{ rounded('variation', 9) }} <= {{ var('xyz_variation_y') }} then 'Y'
            else 'Z'
        end as xyz_class
    from variations

)

select
    classes.item_kind,
    classes.measure,
    classes.item_key,
    {{ first_month }} as window_start,
    {{ last_day }} as window_end,
    {{ round_money('classes.value') }} as value,
    coalesce({{ ratio('classes.positive_value', 'classes.total') }}, 0) as value_share,
    coalesce({{ ratio('classes.larger_or_equal', 'classes.total') }}, 0) as cumulative_share,
    {{ cast_as('classes.value_rank', 'bigint') }} as value_rank,
    classes.abc_class,
    {{ cast_as('graded.months_observed', 'integer') }} as months_observed,
    -- nine digits: the last bits of a sum of squares depend on the order of the rows, a published figure must not
    {{ cast_as(rounded('graded.monthly_mean', 9), 'double') }} as monthly_mean,
    {{ cast_as(rounded('graded.monthly_stddev', 9), 'double') }} as monthly_stddev,
    {{ cast_as(rounded('graded.variation', 9), 'double') }} as variation,
    graded.xyz_class,
    classes.abc_class || graded.xyz_class as segment
from classes
inner join graded on classes.item_kind = graded.item_kind and classes.item_key = graded.item_key
