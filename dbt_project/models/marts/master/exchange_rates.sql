select
    currency_code,
    rate_date,
    rate_to_base
from {{ ref('int_currency_rates') }}
