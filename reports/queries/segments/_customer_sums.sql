select
    customer_key as item_key,
    'now' as side,
    sum(case when $measure = 'gross_profit' then gross_profit else turnover end) as value
from marts.customer_turnover_months
where month between $from_month and $to_month
group by customer_key
union all
select
    customer_key as item_key,
    'before' as side,
    sum(case when $measure = 'gross_profit' then gross_profit else turnover end) as value
from marts.customer_turnover_months
where month between $before_from_month and $before_to_month
group by customer_key
