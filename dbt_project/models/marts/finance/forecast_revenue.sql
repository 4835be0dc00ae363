-- The method that has erred less on past months wins, over the forecasts that both have made (the later months of a young company are not
-- its earlier ones); a method that was tried too seldom is no method, and then there is no forecast.
with

tried as (

    select
        method,
        forecast,
        revenue,
        count(*) over (partition by origin_month, horizon_months) as methods
    from {{ ref('int_revenue_forecasts') }}
    where not is_latest and revenue is not null

),

errors as (

    select
        method,
        count(*) as errors_observed,
        avg({{ quotient('abs(revenue - forecast)', 'forecast') }}) as past_error,
        sqrt(avg({{ quotient('(revenue - forecast) * (revenue - forecast)', '(forecast * forecast)') }})) as spread,
        avg(case when methods > 1 then {{ quotient('abs(revenue - forecast)', 'forecast') }} end) as shared_error
    from tried
    group by method
    having count(*) >= {{ var('forecast_min_errors') }}

),

best as (

    select
        *,
        row_number() over (order by coalesce(shared_error, past_error), method) as place
    from errors

)

select
    forecasts.month,
    forecasts.horizon_months,
    forecasts.method,
    {{ round_quotient('forecasts.forecast') }} as forecast_revenue,
    {{ round_quotient('forecasts.forecast * greatest(1 - ' ~ var('forecast_interval_z') ~ ' * best.spread, 0.0)') }} as forecast_low,
    {{ round_quotient('forecasts.forecast * (1 + ' ~ var('forecast_interval_z') ~ ' * best.spread)') }} as forecast_high,
    -- its last bits depend on the order in which the months were summed
    {{ rounded('best.past_error', 9) }} as past_error,
    {{ cast_as('best.errors_observed', 'bigint') }} as errors_observed
from {{ ref('int_revenue_forecasts') }} as forecasts
inner join best on forecasts.method = best.method and best.place = 1
where
    forecasts.is_latest
    and forecasts.month > {{ month_start(as_of_date()) }}
    and forecasts.month <= {{ add_months(month_start(as_of_date()), 3) }}
