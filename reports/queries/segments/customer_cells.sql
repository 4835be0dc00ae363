-- The nine cells of customers by one measure: how many, what they brought, at what margin; the mart's classes, or those of the borders that are tried out.
select
    classed.abc,
    classed.xyz,
    count(*) as items,
    sum(classed.value) as value,
    sum(revenues.value) as revenue,
    sum(profits.value) as gross_profit,
    min(classed.window_start) as window_start,
    max(classed.window_end) as window_end
from ({_tried of _customer_classes}) as classed
left join marts.abc_xyz_customers as revenues on revenues.customer_key = classed.item_key and revenues.measure = 'revenue'
left join marts.abc_xyz_customers as profits on profits.customer_key = classed.item_key and profits.measure = 'gross_profit'
group by classed.abc, classed.xyz
order by classed.abc, classed.xyz
