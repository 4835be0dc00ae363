select
    product_key as item_key,
    'now' as side,
    sum(case $measure when 'gross_profit' then gross_profit_base when 'quantity' then quantity else revenue_base end) as value
from marts.fct_sales
where product_key is not null
    and sale_date between $from_date and $to_date
group by product_key
union all
select
    product_key as item_key,
    'before' as side,
    sum(case $measure when 'gross_profit' then gross_profit_base when 'quantity' then quantity else revenue_base end) as value
from marts.fct_sales
where product_key is not null
    and sale_date between $before_from_date and $before_to_date
group by product_key
