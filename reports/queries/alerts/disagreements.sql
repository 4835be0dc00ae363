-- Where the systems disagree: every issue with its money and its customer, the largest first.
select
    issues.issue_key,
    issues.check_name,
    issues.severity,
    issues.amount,
    issues.occurred_date,
    issues.details,
    customers.customer_name
from marts.reconciliation as issues
left join marts.dim_customers as customers on customers.customer_key = issues.customer_key
order by abs(issues.amount) desc nulls last, issues.issue_key
