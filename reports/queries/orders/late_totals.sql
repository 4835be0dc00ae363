-- What orders that are not over wait for past its day: how many and for how much, by what they wait for.
select
    late_step,
    count(*) as orders,
    sum(late_base) as amount
from marts.fct_orders
where late_step is not null
    and ($manager = '' or coalesce(manager_key, 'none') = $manager)
    and ($channel = '' or order_channel = $channel)
group by late_step
order by late_step
