-- Where the systems disagree, by the manager who answers: how many issues, how many of them grave, and for what amount.
select
    managers.manager_key,
    managers.manager_name,
    count(*) as issues,
    sum(case when issues.severity = 'high' then 1 else 0 end) as issues_high,
    sum(abs(issues.amount)) as amount
from marts.reconciliation as issues
left join marts.dim_customers as customers on customers.customer_key = issues.customer_key
left join marts.dim_managers as managers on managers.manager_key = coalesce(customers.manager_key, issues.manager_key)
group by managers.manager_key, managers.manager_name
order by amount desc nulls last, managers.manager_name
