{{ config(materialized=inlined()) }}

-- The rates register speaks the national currency of its base, which has no rate of its own there (or 1). Where that is not the company's,
-- rates are crossed through the register's own rate of the company currency (the last one that holds on the day). A base that keeps
-- management accounts in a third currency has a rate of it, and still speaks its national one.
with

register as (

    select
        rates._source as source,
        currencies.currency_code as currency_code,
        {{ accounting_currency('rates._source') }} as accounting_currency_code,
        rates.rate_date,
        case
            when rates.rate > 0 then {{ quotient('rates.rate', 'coalesce(nullif(rates.rate_multiplicity, 0), 1)') }}
            when rates.rate_numerator > 0 then {{ quotient('rates.rate_numerator', 'coalesce(nullif(rates.rate_denominator, 0), 1)') }}
        end as rate,
        rates._load_id,
        rates._key
    from {{ ref('stg_onec__currency_rates') }} as rates
    inner join {{ ref('int_onec_currencies') }} as currencies
        on rates._source = currencies.source and rates.currency_id = currencies.currency_id
    -- ОтносительныеКурсыВалют holds rates to more than one currency
    left join {{ ref('int_onec_currencies') }} as bases
        on rates._source = bases.source and rates.base_currency_id = bases.currency_id
    where
        not rates.is_deleted
        and coalesce(bases.currency_code, {{ accounting_currency('rates._source') }}) = {{ accounting_currency('rates._source') }}
        and rates.rate_date is not null
        and currencies.currency_code is not null

),

-- two records of a currency may share a day (another time of day, a second record of the same currency): the later loaded one holds
daily as (

    select
        source,
        currency_code,
        accounting_currency_code,
        rate_date,
        {{ arg_max('rate', 'version') }} as rate
    from (
        select
            *,
            row_number() over (partition by source, currency_code, rate_date order by _load_id, _key) as version
        from register
        where rate > 0
    ) as versions
    group by source, currency_code, accounting_currency_code, rate_date

),

rated as (

    select
        source,
        max(case when currency_code = accounting_currency_code and rate <> 1 then 1 else 0 end) as has_accounting,
        max(case when currency_code = '{{ var("base_currency") }}' and rate <> 1 then 1 else 0 end) as has_company
    from daily
    group by source

),

company_currency as (

    select
        source,
        rate_date as valid_from,
        lead(rate_date) over (partition by source order by rate_date) as valid_to,
        rate
    from daily
    where
        currency_code = '{{ var("base_currency") }}'
        and accounting_currency_code <> '{{ var("base_currency") }}'
        and source not in (select source from rated where has_accounting = 1 and has_company = 0)

),

in_company_currency as (

    select
        source,
        currency_code,
        rate_date,
        rate as rate_to_base
    from daily
    where
        accounting_currency_code = '{{ var("base_currency") }}'
        or source in (select source from rated where has_accounting = 1 and has_company = 0)

    union all

    select
        daily.source,
        daily.currency_code,
        daily.rate_date,
        {{ quotient('daily.rate', 'company_currency.rate') }} as rate_to_base
    from daily
    inner join company_currency
        on
            daily.source = company_currency.source
            and daily.rate_date >= company_currency.valid_from
            and (daily.rate_date < company_currency.valid_to or company_currency.valid_to is null)

    union all

    select
        source,
        accounting_currency_code as currency_code,
        rate_date,
        1 / rate as rate_to_base
    from daily
    where
        currency_code = '{{ var("base_currency") }}'
        and accounting_currency_code <> '{{ var("base_currency") }}'
        and source not in (select source from rated where has_accounting = 1)

)

select
    source,
    currency_code,
    rate_date,
    {{ as_rate('rate_to_base', 18) }} as rate_to_base,
    1 as priority
from in_company_currency
where currency_code <> '{{ var("base_currency") }}'
