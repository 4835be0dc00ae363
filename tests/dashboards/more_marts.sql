-- Marts that only pages read, aggregated from the fixture's facts, so that scopes and drawings meet rows.
update marts.dim_customers set search_text = lower(customer_name) || ' ' || coalesce(tax_id, '') || ' ' || substr(phone, 2),
    email = 'info@' || substr(phone, 6) || '.example.ru';
insert into marts.abc_xyz_customers by name
select
    measure, customer_key, date '2025-03-01' as window_start, date '2026-02-28' as window_end, value,
    value / sum(value) over (partition by measure) as value_share,
    sum(value) over (partition by measure order by value desc) / sum(value) over (partition by measure) as cumulative_share,
    rank() over (partition by measure order by value desc) as value_rank,
    'A' as abc_class, 12 as months_observed, 1.0 as monthly_mean, 0.2 as monthly_stddev, 0.2 as variation, 'Y' as xyz_class, 'AY' as segment
from (
    select unnest(['revenue', 'gross_profit']) as measure, customer_key, greatest(sum(revenue_base), 1) as value
    from marts.fct_sales where customer_key is not null group by customer_key
);
insert into marts.customer_links by name
select 'sales' as source, 'company:' || row_number() over (order by customer_key) as source_customer_id, customer_key, 'tax_id' as match_rule,
    'https://crm.example.ru/company/1' as source_url
from marts.dim_customers;
insert into marts.customer_basket_gaps by name
select customer_key, 'books:p1' as product_key, 4 as purchases, 30.0 as usual_interval_days, 5 as usual_quantity,
    date '2026-01-10' as last_sale_date, date '2026-02-10' as expected_date, 49 as days_overdue, 12000 as expected_revenue,
    false as in_open_order, false as has_open_order, true as in_stock
from marts.dim_customers;
insert into marts.fct_stock by name
select 'books:p1' as product_key, 'books:w1' as warehouse_key, 12 as quantity, 3000 as cost_base, timestamptz '2026-03-31 05:00+00' as loaded_at;
insert into marts.stock_turnover by name
select 'books:p1' as product_key, 'A' as abc_class, 'X' as xyz_class, 12 as on_hand, 3000 as stock_cost, 40 as sold_quantity, 160000 as sold_revenue,
    0.4 as sold_per_day, 30.0 as days_of_stock, date '2026-03-30' as last_sale_date, 1 as days_since_last_sale, false as is_without_movement,
    false as is_out_of_stock_leader;
insert into marts.fct_deal_stage_entries by name
select deal_key, 1 as entry_number, 'sales:1:10' as stage_key, created_at as entered_at, created_at + interval 2 day as left_at,
    48.0 as hours_in_stage, false as is_current
from marts.fct_deals where created_at < timestamptz '2026-03-28 00:00+00';
insert into marts.funnel_passages by name
select date_trunc('month', created_at)::date as passed_month, source, pipeline_name, 'sales:1:10' as stage_key, 1 as stage_position, manager_key,
    channel, count(*) as entries, count(*) as exits_forward, 0 as exits_lost, 48.0 as hours_in_stage
from marts.fct_deals group by all;
insert into marts.loss_reasons by name
select date_trunc('month', closed_at)::date as month, pipeline_name, 'sales:1:15' as stage_key, loss_reason, manager_key, channel,
    count(*) as deals, sum(amount_base) as amount
from marts.fct_deals where deal_status = 'lost' group by all;
insert into marts.manager_workload by name
select date '2026-03-31' as date, manager_key, count(*) as open_deals, 2 as deals_without_task, 1 as tasks_overdue, 0 as meetings,
    5 as calls_answered, 60.0 as talk_minutes
from marts.fct_deals where deal_status = 'open' group by manager_key;
insert into marts.cohort_roi by name
select date '2026-01-01' as cohort_month, 'paid_search' as channel, since as months_since, 10 as customers, 50000 * since as revenue_cumulative,
    20000 * since as gross_profit_cumulative, 30000 as cost, 0.1 as romi_margin
from (select unnest([0, 1, 2]) as since);
insert into marts.fct_claims by name
select 'books:claim:' || customer_key as claim_key, 'books' as source, 'return' as claim_type, date '2026-03-02' as registered_date, customer_key,
    'Брак' as reason, 1500 as amount_base, 'in_work' as claim_status, true as is_open
from marts.dim_customers limit 20;
insert into marts.reconciliation by name
select 'amount_differs:' || deal_key as issue_key, 'amount_differs' as check_name, 'high' as severity, customer_key, manager_key, deal_key,
    amount_base as amount, date '2026-03-20' as occurred_date, 'Суммы сделки и заказа различаются.' as details
from marts.fct_deals where deal_status = 'won' limit 120;
update marts.fct_orders set order_channel = coalesce(order_channel, 'manager'), is_order = coalesce(is_order, true),
    is_cancelled = coalesce(is_cancelled, false), paid_date = order_date + 4, days_to_shipment = 2, days_to_payment = 4;
update marts.fct_orders set late_step = 'payment', late_since = order_date + 5, late_base = debt_base where debt_base > 0;
insert into marts.order_changes by name
select order_key, 1 as change_number, timestamptz '2026-03-20 09:00:00+00' as seen_at, 'amount' as field, '100.00' as was, '150.50' as now,
    order_date < date '2026-03-10' as after_payment, customer_key, manager_key, order_channel, order_number
from marts.fct_orders where order_date >= date '2026-03-01';
insert into marts.deal_velocity by name
select month, source, pipeline_name, 20 as deals_in_work, deals_won, deals_lost, deals_won / (deals_won + deals_lost) as win_rate, won_amount,
    round(won_amount / nullif(deals_won, 0), 2) as average_won_amount, 12.5 as cycle_days_median, 20.0 as cycle_days_p75,
    round(20 * won_amount / (deals_won + deals_lost) / 12.5, 2) as sales_velocity
from (
    select date_trunc('month', closed_at)::date as month, source, pipeline_name, count(*) filter (deal_status = 'won') as deals_won,
        count(*) filter (deal_status = 'lost') as deals_lost, coalesce(sum(amount_base) filter (deal_status = 'won'), 0) as won_amount
    from marts.fct_deals where deal_status <> 'open' group by all
);
insert into marts.discounts by name
select date_trunc('month', order_date)::date as month, manager_key, customer_key, 'books:p1' as product_key, sum(amount_base) + 100 * count(*) as full_amount,
    100 * count(*) as discount, sum(amount_base) as amount, 100 * count(*) / (sum(amount_base) + 100 * count(*)) as discount_share,
    count(*) as orders_count, count(*) as orders_discounted
from marts.fct_orders where is_order group by all;
insert into marts.plan_fact by name
select
    date '2026-03-01' as month, metric, scope_kind, scope_key, 1000 as plan, 250 * place as fact, 0.25 * place as completion
from (
    values ('revenue', 'company', 'company', 3), ('contacts', 'department', 'Опт', 2), ('cash', 'manager', 'books:m1', 1),
        ('revenue', 'manager', 'books:m1', 5)
) as plans (metric, scope_kind, scope_key, place)
union all by name
select date '2026-03-01' as month, 'revenue' as metric, 'customer' as scope_kind, customer_key as scope_key, 1000 as plan, 0 as fact, 0 as completion
from marts.dim_customers;
insert into marts.rfm_customers by name
select
    customer_key, 10 as recency_days, 3 as frequency, sum(revenue_base) as monetary, 5 as r_score, 1 as f_score, 1 as m_score,
    case when customer_key like '%1' then 'promising' else 'champions' end as rfm_segment
from marts.fct_sales where customer_key is not null group by customer_key having sum(revenue_base) > 0;
insert into marts.product_affinity by name
select
    'books:p' || product as product_key, 'books:p' || other as other_product_key, 9 as documents_together, 20 as documents,
    30 as other_documents, 0.1 as support, confidence, lift, 1 as pair_rank
from (
    values (1, 41, 0.45, 1.5), (2, 41, 0.3, 1.2), (3, 42, 0.5, 0.9), (4, 43, 0.2, 1.1), (5, 1, 0.6, 2.0), (6, 44, 0.1, 3.0)
) as pairs (product, other, confidence, lift);
insert into marts.dim_products by name select 'books:p43' as product_key, 'Доставка' as product_name, true as is_service;
