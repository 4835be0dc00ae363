-- Where the systems disagree, by check and severity: how many issues and for what amount.
select
    check_name,
    severity,
    count(*) as issues,
    sum(amount) as amount
from marts.reconciliation
group by check_name, severity
