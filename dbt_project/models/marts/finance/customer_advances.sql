select
    customer_key,
    advance
from {{ ref('int_customer_advances') }}
where advance <> 0
