-- All money of the company in and out between two days, by direction and article.
select
    direction,
    article,
    sum(amount) as amount
from marts.cash_flow_daily
where date between $from_date and $to_date
group by direction, article
order by direction, amount desc
