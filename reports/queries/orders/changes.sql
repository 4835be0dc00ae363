-- Changes of orders seen between two instants, those after a payment first, then the newest.
select
    changes.seen_at,
    changes.order_key,
    changes.order_number,
    changes.customer_key,
    customers.customer_name,
    changes.manager_key,
    managers.manager_name,
    changes.field,
    changes.was,
    changes.now,
    changes.after_payment,
    changes.source_url
from marts.order_changes as changes
left join marts.dim_customers as customers on customers.customer_key = changes.customer_key
left join marts.dim_managers as managers on managers.manager_key = changes.manager_key
where changes.seen_at >= $from_instant
    and changes.seen_at < $to_instant
    and ($manager = '' or coalesce(changes.manager_key, 'none') = $manager)
    and ($channel = '' or changes.order_channel = $channel)
order by case when changes.after_payment then 0 else 1 end, changes.seen_at desc, changes.order_key, changes.change_number
limit $limit
