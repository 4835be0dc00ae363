-- One row per channel and attribution model: cost and what the model gives to the channel in some months.
select
    channel,
    attribution_model,
    sum(cost) as cost,
    sum(revenue) as revenue,
    -- unknown where no sale's cost is known, which is no profit of 0
    case
        when sum(revenue) = 0 or sum(case when gross_profit is not null then revenue else 0 end) <> 0 then sum(gross_profit)
    end as gross_profit,
    sum(new_customers) as new_customers
from marts.marketing_roi
where month between $from_month and $to_month
    and ($channel = '' or coalesce(channel, 'none') = $channel)
group by channel, attribution_model
order by cost desc nulls last, channel, attribution_model
