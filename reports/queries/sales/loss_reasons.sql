-- Why deals were lost in some months, the most frequent reason first.
select
    loss_reason,
    sum(deals) as deals,
    sum(amount) as amount
from marts.loss_reasons
where month between $from_month and $to_month
group by loss_reason
order by deals desc, amount desc
