-- What advertising cost and brought month by month by one attribution model: of one channel, or of all that ever cost anything.
select
    month,
    sum(cost) as cost,
    sum(leads) as leads,
    sum(deals_won) as deals_won,
    sum(new_customers) as new_customers,
    sum(revenue) as revenue,
    -- unknown where no sale's cost is known, which is no profit of 0
    case
        when sum(revenue) = 0 or sum(case when gross_profit is not null then revenue else 0 end) <> 0 then sum(gross_profit)
    end as gross_profit
from marts.marketing_roi
where month between $from_month and $to_month
    and attribution_model = $attribution_model
    and (
        coalesce(channel, 'none') = $channel
        or ($channel = '' and channel in (select channel from marts.marketing_roi where cost > 0))
    )
group by month
order by month
