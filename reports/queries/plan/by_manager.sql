-- The month's plan and forecast by manager.
select
    manager_key,
    plan_revenue,
    forecast_revenue
from marts.revenue_plan_months
where month = $month
