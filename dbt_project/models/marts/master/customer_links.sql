select
    source,
    source_customer_id,
    customer_key,
    match_rule,
    source_url
from {{ ref('int_customer_links') }}
