-- What a campaign cost and brought in some months by one attribution model; rows without any campaign are left out.
select
    roi.campaign_key,
    roi.channel,
    campaigns.campaign_name,
    campaigns.utm_campaign,
    sum(roi.cost) as cost,
    sum(roi.leads) as leads,
    sum(roi.deals_won) as deals_won,
    sum(roi.new_customers) as new_customers,
    sum(roi.revenue) as revenue,
    -- unknown where no sale's cost is known, which is no profit of 0
    case
        when sum(roi.revenue) = 0 or sum(case when roi.gross_profit is not null then roi.revenue else 0 end) <> 0 then sum(roi.gross_profit)
    end as gross_profit
from marts.marketing_roi as roi
left join marts.dim_campaigns as campaigns on campaigns.campaign_key = roi.campaign_key
where roi.month between $from_month and $to_month
    and roi.attribution_model = $attribution_model
    and roi.campaign_key is not null
group by roi.campaign_key, roi.channel, campaigns.campaign_name, campaigns.utm_campaign
order by cost desc nulls last, revenue desc nulls last, roi.campaign_key
