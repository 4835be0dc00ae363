{#- The rate of any day: from its own day until the next rate's; the base currency is here with 1, a day before the first rate is not. -#}
select
    currency_code,
    rate_date as valid_from,
    coalesce(
        lead({{ cast_as('rate_date', 'date') }}) over (partition by currency_code order by rate_date),
        {{ far_date() }}
    ) as valid_to,
    {{ as_rate('rate_to_base') }} as rate_to_base
from {{ ref('int_currency_rates') }}

union all

select
    '{{ var("base_currency") }}' as currency_code,
    {{ cast_as("'1900-01-01'", 'date') }} as valid_from,
    {{ far_date() }} as valid_to,
    {{ as_rate('1') }} as rate_to_base
