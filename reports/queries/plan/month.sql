-- The month's plan, its revenue so far and where it is heading.
select
    sum(plan_revenue) as plan_revenue,
    sum(revenue) as revenue,
    sum(forecast_revenue) as forecast_revenue
from marts.revenue_plan_months
where month = $month
