-- Managers' months between two of them, one row per manager and month, as the mart of manager KPIs reckons them.
select
    kpi.month,
    kpi.manager_key,
    managers.manager_name,
    managers.department,
    kpi.deals_created,
    kpi.deals_won,
    kpi.deals_lost,
    kpi.win_rate,
    kpi.won_amount,
    kpi.revenue,
    kpi.gross_profit,
    kpi.cash_received,
    kpi.average_sale,
    kpi.sales_count,
    kpi.new_customers,
    kpi.contacts,
    kpi.calls_in,
    kpi.calls_out,
    kpi.calls_missed,
    kpi.calls_lost,
    kpi.talk_minutes,
    kpi.first_response_minutes,
    kpi.first_response_deals,
    kpi.overdue_debt,
    kpi.plan_revenue,
    kpi.plan_completion
from marts.manager_kpi as kpi
left join marts.dim_managers as managers on managers.manager_key = kpi.manager_key
where kpi.month between $from_month and $to_month
    and ($manager = '' or coalesce(kpi.manager_key, 'none') = $manager)
    and ($department = '' or managers.department = $department)
order by kpi.month, kpi.revenue desc nulls last, kpi.manager_key
