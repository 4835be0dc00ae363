-- Single issues, the gravest and biggest first, of one check and severity or all.
select
    issues.issue_key,
    issues.check_name,
    issues.severity,
    issues.customer_key,
    customers.customer_name,
    issues.manager_key,
    managers.manager_name,
    issues.deal_key,
    issues.order_key,
    issues.amount,
    issues.occurred_date,
    issues.details
from marts.reconciliation as issues
left join marts.dim_customers as customers on customers.customer_key = issues.customer_key
left join marts.dim_managers as managers on managers.manager_key = coalesce(customers.manager_key, issues.manager_key)
where ($check = '' or issues.check_name = $check)
    and ($severity = '' or issues.severity = $severity)
order by
    case issues.severity when 'high' then 0 when 'medium' then 1 else 2 end,
    issues.amount desc nulls last,
    issues.issue_key
limit $limit
