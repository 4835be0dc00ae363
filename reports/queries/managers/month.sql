-- People's month: deals, contacts, calls and overdue debts by manager, as the mart of manager KPIs reckons them.
select
    kpi.manager_key,
    managers.manager_name,
    kpi.deals_created,
    kpi.deals_won,
    kpi.deals_lost,
    kpi.win_rate,
    kpi.contacts,
    kpi.calls_missed,
    kpi.calls_lost,
    kpi.first_response_minutes,
    kpi.overdue_debt
from marts.manager_kpi as kpi
left join marts.dim_managers as managers on managers.manager_key = kpi.manager_key
where kpi.month = $month
