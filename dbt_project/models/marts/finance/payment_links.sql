-- No payment service or receipt feed is loaded yet, so a payment seen by a service (payment_method online) counts itself.
select
    payment_key,
    payment_key as counted_payment_key,
    {{ cast_as('null', 'varchar') }} as rule
from {{ ref('fct_payments') }}
where payment_method = 'online'
