with

customers as (

    select
        customer_key,
        {{ days_between('max(case when is_sale then sale_date end)', as_of_date()) }} as recency_days,
        count(distinct case when is_sale then sale_date end) as frequency,
        sum(revenue_base) as monetary
    from {{ ref('fct_sales') }}
    where
        customer_key is not null
        and sale_date <= {{ as_of_date() }}
        and sale_date > {{ add_months(as_of_date(), -12) }}
    group by customer_key
    having sum(revenue_base) > 0 and max(case when is_sale then sale_date end) is not null

),

ranked as (

    select
        *,
        count(*) over () as customers,
        rank() over (order by recency_days desc) as recency_rank,
        rank() over (order by frequency) as frequency_rank,
        rank() over (order by monetary) as monetary_rank
    from customers

),

scored as (

    select
        customer_key,
        recency_days,
        frequency,
        monetary,
        {%- for score, rank in {'r_score': 'recency_rank', 'f_score': 'frequency_rank', 'm_score': 'monetary_rank'}.items() %}
        {%- set percent_rank = ratio('5 * (' ~ rank ~ ' - 1)', 'customers - 1') %}
        {{ cast_as('least(5, 1 + floor(coalesce(' ~ percent_rank ~ ', 0)))', 'integer') }} as {{ score }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ranked

),

matched as (

    select
        scored.customer_key,
        {{ arg_min('segments.rfm_segment', 'segments.position') }} as rfm_segment
    from scored
    cross join {{ ref('rfm_segments') }} as segments
    where
        scored.r_score between segments.r_from and segments.r_to
        and scored.f_score between segments.f_from and segments.f_to
        and scored.m_score between segments.m_from and segments.m_to
        and (segments.frequency_from is null or scored.frequency >= segments.frequency_from)
        and (segments.frequency_to is null or scored.frequency <= segments.frequency_to)
    group by scored.customer_key

)

select
    scored.customer_key as customer_key,
    scored.recency_days,
    {{ cast_as('scored.frequency', 'bigint') }} as frequency,
    {{ cast_as('scored.monetary', 'decimal(18,2)') }} as monetary,
    scored.r_score,
    scored.f_score,
    scored.m_score,
    matched.rfm_segment
from scored
left join matched on scored.customer_key = matched.customer_key
