{{ config(materialized=inlined()) }}
select
    _source as source,
    {{ upper_case('currency_code') }} as currency_code,
    rate_date,
    {{ as_rate(quotient('rate', 'coalesce(units, 1)'), 18) }} as rate_to_base,
    2 as priority
from {{ ref('stg_feed__exchange_rates') }}
where not is_deleted and rate > 0 and coalesce(units, 1) > 0
