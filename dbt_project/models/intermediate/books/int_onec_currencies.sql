-- A base names a currency by letters, by its ISO number or by a symbol; whichever it is, the letters come out.
with

currencies as (

    select
        _source as source,
        _key as currency_id,
        {{ upper_case('trim(name)') }} as letters,
        {{ upper_case('trim(code)') }} as letters_in_code,
        lpad(trim(code), 3, '0') as numeric_code,
        {{ lower_case('trim(name)') }} as symbol
    from {{ ref('stg_onec__currencies') }}
    where not is_deleted

),

symbols as (

    select
        symbol,
        min(currency_code) as currency_code
    from {{ ref('currency_codes') }}
    group by symbol

)

select
    currencies.source,
    currencies.currency_id,
    coalesce(
        case when {{ text_matches('currencies.letters', '^[A-Z]{3}$') }} then currencies.letters end,
        case when {{ text_matches('currencies.letters_in_code', '^[A-Z]{3}$') }} then currencies.letters_in_code end,
        numbers.currency_code,
        symbols.currency_code
    ) as currency_code
from currencies
left join {{ ref('currency_codes') }} as numbers on currencies.numeric_code = numbers.numeric_code
left join symbols on currencies.symbol = symbols.symbol
