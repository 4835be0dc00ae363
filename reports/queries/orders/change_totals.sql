-- Changes of orders seen between two instants, by what was changed: all, and those after a payment.
select
    field,
    count(*) as changes,
    sum(case when after_payment then 1 else 0 end) as changes_paid
from marts.order_changes
where seen_at >= $from_instant
    and seen_at < $to_instant
    and ($manager = '' or coalesce(manager_key, 'none') = $manager)
    and ($channel = '' or order_channel = $channel)
group by field
order by field
