-- What a channel cost and brought in some months by one attribution model, as the mart of marketing return reckons it.
select
    channel,
    sum(cost) as cost,
    sum(leads) as leads,
    sum(deals_won) as deals_won,
    sum(new_customers) as new_customers,
    sum(revenue) as revenue,
    sum(gross_profit) as gross_profit
from marts.marketing_roi
where month between $from_month and $to_month
    and attribution_model = $attribution_model
group by channel
order by cost desc nulls last, channel
