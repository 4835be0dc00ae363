{#- One rate per currency and day, for 1 unit: 1C's register, then the spreadsheet, then the CRM. -#}
with

rates as (

    {{ union_of('int_currency_rates', ['source', 'currency_code', 'rate_date', 'rate_to_base', 'priority']) }}

),

ranked as (

    select
        rates.currency_code,
        rates.rate_date,
        {{ as_rate('rates.rate_to_base', 18) }} as rate_to_base,
        row_number() over (
            partition by rates.currency_code, rates.rate_date
            order by rates.priority, coalesce(sources.position, 1000000), rates.source
        ) as place
    from rates
    left join {{ ref('int_sources') }} as sources on rates.source = sources.source
    where
        rates.rate_to_base > 0
        and rates.rate_date is not null
        and rates.currency_code <> '{{ var("base_currency") }}'

)

select
    currency_code,
    rate_date,
    rate_to_base
from ranked
where place = 1
