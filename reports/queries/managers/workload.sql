-- People's load at the end of a stretch of days: open deals, those without a task, late tasks, and the meetings and calls of all its days.
select
    workload.manager_key,
    managers.manager_name,
    sum(case when workload.date = $to_date then workload.open_deals else 0 end) as open_deals,
    sum(case when workload.date = $to_date then workload.deals_without_task else 0 end) as deals_without_task,
    sum(case when workload.date = $to_date then workload.tasks_overdue else 0 end) as tasks_overdue,
    sum(workload.meetings) as meetings,
    sum(workload.calls_answered) as calls_answered
from marts.manager_workload as workload
left join marts.dim_managers as managers on managers.manager_key = workload.manager_key
where workload.date between $from_date and $to_date
group by workload.manager_key, managers.manager_name
order by deals_without_task desc, tasks_overdue desc, workload.manager_key
