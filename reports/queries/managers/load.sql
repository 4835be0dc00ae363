-- People's load at the end of the last day of some that the mart knows: open deals, those without a task, late tasks.
select
    workload.date,
    workload.manager_key,
    managers.manager_name,
    workload.open_deals,
    workload.deals_without_task,
    workload.tasks_overdue
from marts.manager_workload as workload
left join marts.dim_managers as managers on managers.manager_key = workload.manager_key
where workload.date = (select max(date) from marts.manager_workload where date <= $to_date)
    and ($manager = '' or coalesce(workload.manager_key, 'none') = $manager)
    and ($department = '' or managers.department = $department)
    and workload.open_deals + workload.deals_without_task + workload.tasks_overdue > 0
order by workload.open_deals desc, workload.manager_key
