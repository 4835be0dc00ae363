-- People's load at the end of a day: open deals, those without a task, late tasks, and the day's meetings and calls.
select
    workload.manager_key,
    managers.manager_name,
    workload.open_deals,
    workload.deals_without_task,
    workload.tasks_overdue,
    workload.meetings,
    workload.calls_answered
from marts.manager_workload as workload
left join marts.dim_managers as managers on managers.manager_key = workload.manager_key
where workload.date = $to_date
order by workload.deals_without_task desc, workload.tasks_overdue desc, workload.manager_key
