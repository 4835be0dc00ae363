-- Report marts of the synthetic publication, aggregated from its facts. Statements end with a semicolon, the as_of parameter is its day.

insert into marts.revenue_daily by name
select date, manager_key, channel, sum(revenue) as revenue, sum(gross_profit) as gross_profit, sum(without_cost) as revenue_without_cost,
    sum(cash) as cash_received, sum(sales) as sales_count, sum(orders) as orders_count, sum(orders_amount) as orders_amount
from (
    select sale_date as date, manager_key, channel, revenue_base as revenue, coalesce(gross_profit_base, 0) as gross_profit,
        case when cost_base is null then revenue_base else 0 end as without_cost, 0 as cash, case when is_return then 0 else 1 end as sales,
        0 as orders, 0 as orders_amount from marts.fct_sales
    union all select payment_date, manager_key, channel, 0, 0, 0, amount_base, 0, 0, 0 from marts.fct_payments
    union all select order_date, manager_key, channel, 0, 0, 0, 0, 0, 1, amount_base from marts.fct_orders)
group by all;

insert into marts.revenue_plan_months by name
with months as (select date_trunc('month', date) as month, manager_key, sum(revenue) as revenue from marts.revenue_daily group by all)
select month, manager_key, round(2300000 + 30000 * (date_diff('month', date '2025-02-01', month)), 2) as plan_revenue, revenue,
    revenue / plan_revenue as plan_completion,
    case when month = date_trunc('month', $as_of) then revenue * 1.045 else revenue end as forecast_revenue
from months where manager_key is not null;

insert into marts.sales_funnel by name
with deals as (
    select *, date_trunc('month', created_at) as cohort_month, datepart('day', updated_at + interval 3 hour) as furthest from marts.fct_deals)
select cohort_month, 'sales' as source, 'Продажи' as pipeline_name, s.stage_key, s.stage_name, s.stage_position, s.stage_kind,
    manager_key, channel, count(*) as deals_reached, sum(amount_base) as amount_reached,
    count(*) filter (d.deal_status = 'open' and d.stage_key = s.stage_key) as deals_now,
    coalesce(sum(amount_base) filter (d.deal_status = 'open' and d.stage_key = s.stage_key), 0) as amount_now,
    count(*) filter (d.deal_status = 'lost' and d.furthest = s.stage_position) as deals_lost,
    count(*) as stage_entries, 20.0 * count(*) as hours_in_stage
from deals as d join marts.dim_stages as s
    on (s.stage_kind = 'open' and d.furthest >= s.stage_position) or (s.stage_kind = 'won' and d.deal_status = 'won')
        or (s.stage_kind = 'lost' and d.deal_status = 'lost')
group by all;

insert into marts.manager_kpi by name
with facts as (
    select date_trunc('month', date) as month, manager_key, revenue, gross_profit, cash_received, sales_count, 0 as created, 0 as won,
        0 as lost, 0.0 as won_amount, 0 as calls_in, 0 as calls_out, 0 as missed, 0 as lost_calls, 0.0 as talk from marts.revenue_daily
    union all select date_trunc('month', created_at), manager_key, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 from marts.fct_deals
    union all select date_trunc('month', closed_at), manager_at_close_key, 0, 0, 0, 0, 0, case deal_status when 'won' then 1 else 0 end,
        case deal_status when 'lost' then 1 else 0 end, case deal_status when 'won' then amount_base else 0 end, 0, 0, 0, 0, 0
        from marts.fct_deals where closed_at is not null
    union all select date_trunc('month', call_date), manager_key, 0, 0, 0, 0, 0, 0, 0, 0, case direction when 'in' then 1 else 0 end,
        case direction when 'out' then 1 else 0 end, cast(is_missed as int), cast(is_lost as int), talk_seconds / 60.0 from marts.fct_calls)
select f.month, f.manager_key, sum(created) as deals_created, sum(won) as deals_won, sum(lost) as deals_lost, sum(won_amount) as won_amount,
    sum(won) / nullif(sum(won) + sum(lost), 0) as win_rate, sum(f.revenue) as revenue, sum(gross_profit) as gross_profit,
    sum(cash_received) as cash_received, sum(sales_count) as sales_count, sum(f.revenue) / nullif(sum(sales_count), 0) as average_sale,
    1 as new_customers, sum(calls_in + calls_out) as contacts, sum(calls_in) as calls_in, sum(calls_out) as calls_out,
    sum(missed) as calls_missed, sum(lost_calls) as calls_lost, sum(talk) as talk_minutes, 18.0 as first_response_minutes,
    sum(created) as first_response_deals, 0 as overdue_debt, max(p.plan_revenue) as plan_revenue, sum(f.revenue) / max(p.plan_revenue) as plan_completion
from facts as f left join marts.revenue_plan_months as p on p.month = f.month and p.manager_key = f.manager_key
group by all;

insert into marts.receivables by name
select order_key, customer_key, manager_key, debt_base as debt, due_date, greatest(0, date_diff('day', due_date, $as_of)) as overdue_days,
    case when due_date >= $as_of then 'not_due' when overdue_days <= 30 then '1-30' when overdue_days <= 60 then '31-60'
        when overdue_days <= 90 then '61-90' else '90+' end as bucket
from marts.fct_orders where debt_base > 0;

insert into marts.customer_advances
select customer_key, 15000.00 from marts.dim_customers where customer_key in ('books:c10', 'books:c20', 'books:c30');

insert into marts.marketing_roi by name
select month, campaign_key, channel, model as attribution_model, sum(impressions) as impressions, sum(clicks) as clicks, sum(cost) as cost,
    sum(leads) as leads, sum(won) as deals_won, sum(won) * 0.5 as new_customers, sum(revenue) as revenue, sum(revenue) * 0.3 as gross_profit,
    sum(cost) / nullif(sum(leads), 0) as cpl, sum(cost) / nullif(sum(won) * 0.5, 0) as cac, sum(revenue) / nullif(sum(cost), 0) as roas,
    (sum(revenue) * 0.3 - sum(cost)) / nullif(sum(cost), 0) as romi_margin, (sum(revenue) - sum(cost)) / nullif(sum(cost), 0) as romi_revenue,
    sum(cost) / nullif(sum(revenue), 0) as cost_revenue_ratio
from (
    select date_trunc('month', cost_date) as month, campaign_key, channel, impressions, clicks, cost_base as cost, 0 as leads, 0 as won, 0.0 as revenue
        from marts.fct_campaign_costs
    union all select date_trunc('month', created_at), campaign_key, channel, 0, 0, 0, 1, 0, 0 from marts.fct_leads
    union all select date_trunc('month', closed_at), campaign_key, channel, 0, 0, 0, 0, 1, amount_base from marts.fct_deals
        where deal_status = 'won')
cross join (values ('first_touch'), ('last_touch'), ('last_non_direct'), ('linear'), ('position_based'), ('time_decay')) as models (model)
group by all;

insert into marts.customer_turnover by name
select customer_key, $as_of as as_of_date, max(c.manager_key) as manager_key,
    coalesce(sum(s.revenue_base) filter (sale_date > date '2025-12-31'), 0) as turnover_3m,
    coalesce(sum(s.revenue_base) filter (sale_date > date '2025-09-30' and sale_date <= date '2025-12-31'), 0) as turnover_previous_3m,
    case when turnover_previous_3m > 0 then turnover_3m / turnover_previous_3m - 1 end as turnover_change,
    coalesce(sum(s.revenue_base) filter (sale_date > date '2025-03-31'), 0) as turnover_12m,
    turnover_3m as turnover_3_full_months, coalesce(sum(s.revenue_base) filter (sale_date between date '2026-01-01' and date '2026-01-30'), 0)
    as leaving_next_month, turnover_3m * 0.3 as gross_profit_3m, count(*) as sales_count_3m, avg(s.revenue_base) as average_sale_3m,
    max(sale_date) as last_sale_date, date_diff('day', max(sale_date), $as_of) as days_since_last_sale,
    case when turnover_3m >= 500000 then 'Золото' when turnover_3m >= 200000 then 'Серебро' end as tier_name,
    case when turnover_3m >= 500000 then 0.07 when turnover_3m >= 200000 then 0.03 else 0 end as tier_discount,
    case when turnover_3m >= 500000 then null when turnover_3m >= 200000 then 'Золото' else 'Серебро' end as next_tier_name,
    case when turnover_3m >= 500000 then null when turnover_3m >= 200000 then 500000 - turnover_3m else 200000 - turnover_3m end as to_next_tier,
    case when turnover_3m - leaving_next_month >= 500000 then 'Золото' when turnover_3m - leaving_next_month >= 200000 then 'Серебро' end
    as tier_name_next_month
from marts.fct_sales as s join marts.dim_customers as c using (customer_key) group by customer_key;

insert into marts.customer_turnover_months by name
select customer_key, date_trunc('month', sale_date) as month, sum(revenue_base) as turnover, sum(gross_profit_base) as gross_profit,
    count(*) as sales_count from marts.fct_sales where customer_key is not null group by all;

update marts.dim_customers set last_sale_date = t.last_sale_date, revenue_base = t.turnover_12m, sales_count = t.sales_count_3m,
    lifecycle = case when t.days_since_last_sale > 90 then 'sleeping' else 'active' end
from marts.customer_turnover as t where t.customer_key = dim_customers.customer_key;
