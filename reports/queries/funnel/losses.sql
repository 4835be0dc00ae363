-- Why one pipeline's deals were lost in some months, the most frequent reason first.
select
    loss_reason,
    sum(deals) as deals,
    sum(amount) as amount
from marts.loss_reasons
where coalesce(pipeline_name, '') = $pipeline
    and month between $from_month and $to_month
    and ($manager = '' or coalesce(manager_key, 'none') = $manager)
    and ($channel = '' or coalesce(channel, 'none') = $channel)
group by loss_reason
order by deals desc, amount desc
limit 12
