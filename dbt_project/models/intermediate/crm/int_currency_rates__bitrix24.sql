{#-
    The portal tells the present rate of a currency and when it was set; what runs have seen of it before is its history. The first known
    price of the company currency holds for the days before too: in a portal that keeps it itself it is always 1.
-#}
{{ config(materialized=inlined()) }}

with

records as (

    select
        _source,
        currency_code,
        amount,
        amount_count,
        updated_date,
        _loaded_at
    from {{ ref('stg_bitrix24__currency_versions') }}
    where not is_deleted and amount > 0

    union all

    -- what was loaded before the history was kept
    select
        _source,
        currency_code,
        amount,
        amount_count,
        updated_date,
        _loaded_at
    from {{ ref('stg_bitrix24__currencies') }}
    where
        not is_deleted
        and amount > 0
        and (_source, _key) not in (
            select
                seen._source,
                seen._key
            from {{ ref('stg_bitrix24__currency_versions') }} as seen
        )

),

told as (

    select
        _source,
        {{ upper_case('currency_code') }} as currency_code,
        coalesce(updated_date, {{ business_date('_loaded_at') }}) as rate_date,
        {{ quotient('amount', 'nullif(coalesce(amount_count, 1), 0)') }} as price,
        _loaded_at as seen_at
    from records

),

prices as (

    select
        _source,
        currency_code,
        rate_date,
        {{ arg_max('price', 'seen_at') }} as price
    from told
    group by _source, currency_code, rate_date

),

company_prices as (

    select
        _source as company_source,
        rate_date as company_date,
        price as company_price,
        row_number() over (partition by _source order by rate_date) as number_from_first
    from prices
    where currency_code = '{{ var("base_currency") }}'

),

-- a rate lies between two prices and changes with either
changes as (

    select
        _source,
        currency_code,
        rate_date
    from prices

    union

    select
        prices._source as _source,
        prices.currency_code as currency_code,
        company_prices.company_date as rate_date
    from prices
    inner join company_prices on prices._source = company_prices.company_source
    where company_prices.company_date > prices.rate_date

),

standing as (

    select
        changes._source as _source,
        changes.currency_code as currency_code,
        changes.rate_date as rate_date,
        {{ arg_max('prices.price', 'prices.rate_date') }} as price
    from changes
    inner join prices on changes._source = prices._source and changes.currency_code = prices.currency_code
    where prices.rate_date <= changes.rate_date
    group by changes._source, changes.currency_code, changes.rate_date

),

standing_company as (

    select
        changes._source as _source,
        changes.currency_code as currency_code,
        changes.rate_date as rate_date,
        {{ arg_max('company_prices.company_price', 'company_prices.company_date') }} as company_price
    from changes
    inner join company_prices on changes._source = company_prices.company_source
    where company_prices.company_date <= changes.rate_date or company_prices.number_from_first = 1
    group by changes._source, changes.currency_code, changes.rate_date
)

select
    standing._source as source,
    standing.currency_code as currency_code,
    standing.rate_date as rate_date,
    {{ as_rate(ratio('standing.price', 'standing_company.company_price'), 18) }} as rate_to_base,
    3 as priority
from standing
inner join standing_company
    on
        standing._source = standing_company._source
        and standing.currency_code = standing_company.currency_code
        and standing.rate_date = standing_company.rate_date
where standing.currency_code <> '{{ var("base_currency") }}'
