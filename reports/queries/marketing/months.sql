-- What advertising cost and brought month by month by one attribution model: of one channel, or of all that ever cost anything.
select
    month,
    sum(cost) as cost,
    sum(leads) as leads,
    sum(deals_won) as deals_won,
    sum(new_customers) as new_customers,
    sum(revenue) as revenue,
    sum(gross_profit) as gross_profit
from marts.marketing_roi
where month between $from_month and $to_month
    and attribution_model = $attribution_model
    and (
        coalesce(channel, 'none') = $channel
        or ($channel = '' and channel in (select channel from marts.marketing_roi where cost > 0))
    )
group by month
order by month
