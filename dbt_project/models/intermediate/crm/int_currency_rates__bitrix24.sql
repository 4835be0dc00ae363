{{ config(materialized=inlined()) }}

with

rates as (

    select
        _source,
        {{ upper_case('currency_code') }} as currency_code,
        {{ quotient('amount', 'nullif(coalesce(amount_count, 1), 0)') }} as rate_to_portal_currency,
        coalesce(updated_date, {{ business_date('_loaded_at') }}) as rate_date
    from {{ ref('stg_bitrix24__currencies') }}
    where not is_deleted and amount > 0

),

company_currency as (

    -- what one unit of the company currency costs in the portal's own
    select
        _source,
        rate_to_portal_currency
    from rates
    where currency_code = '{{ var("base_currency") }}'
)

select
    rates._source as source,
    rates.currency_code,
    rates.rate_date,
    {{ as_rate(ratio('rates.rate_to_portal_currency', 'company_currency.rate_to_portal_currency'), 18) }} as rate_to_base,
    3 as priority
from rates
inner join company_currency on rates._source = company_currency._source
where rates.currency_code <> '{{ var("base_currency") }}'
