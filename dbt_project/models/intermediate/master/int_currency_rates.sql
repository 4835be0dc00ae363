{#- One rate per currency and day, for 1 unit: 1C's register, then the spreadsheet, then the CRM. -#}
with

rates as (

    select
        source,
        currency_code,
        rate_date,
        rate_to_base,
        1 as priority
    from {{ ref('int_currency_rates__onec') }}

    union all

    select
        _source as source,
        upper(currency_code) as currency_code,
        rate_date,
        {{ cast_as('rate / coalesce(units, 1)', 'decimal(18,8)') }} as rate_to_base,
        2 as priority
    from {{ ref('stg_spreadsheet__exchange_rates') }}
    where not is_deleted and rate > 0 and coalesce(units, 1) > 0

    union all

    select
        source,
        currency_code,
        rate_date,
        rate_to_base,
        3 as priority
    from {{ ref('int_currency_rates__bitrix24') }}

),

ranked as (

    select
        rates.currency_code,
        rates.rate_date,
        {{ cast_as('rates.rate_to_base', 'decimal(18,8)') }} as rate_to_base,
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
