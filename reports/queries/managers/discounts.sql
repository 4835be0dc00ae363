-- What people gave away against the price in the orders of some months, the largest share first.
select
    discounts.manager_key,
    managers.manager_name,
    sum(discounts.full_amount) as full_amount,
    sum(discounts.discount) as discount,
    count(distinct case when discounts.discount > 0 then discounts.customer_key end) as customers
from marts.discounts as discounts
left join marts.dim_managers as managers on managers.manager_key = discounts.manager_key
where discounts.month between $from_month and $to_month
    and ($manager = '' or coalesce(discounts.manager_key, 'none') = $manager)
    and ($department = '' or managers.department = $department)
group by discounts.manager_key, managers.manager_name
having sum(discounts.discount) > 0
order by sum(discounts.discount) / nullif(sum(discounts.full_amount), 0) desc, discounts.manager_key
