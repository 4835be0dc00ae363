-- Customers' money between two days: received, refunded (a positive sum), and the number of receipts; NULL before the first
-- that is known.
select
    sum(case when payment_date between $from_date and $to_date and direction = 'in' then amount_base else 0 end) as received,
    sum(case when payment_date between $from_date and $to_date and direction = 'out' then -amount_base else 0 end) as refunded,
    sum(case when payment_date between $from_date and $to_date and direction = 'in' then 1 else 0 end) as receipts
from marts.fct_payments
where (select min(payment_date) from marts.fct_payments) <= $to_date
