-- A large company of made-up numbers, for the bench of pages: facts by counting, so that any size is made in seconds.
-- {sales}, {deals} and {customers} are how many; everything else follows.
insert into marts.dim_managers by name
select 'books:m' || n as manager_key, 'Менеджер ' || n as manager_name, 'Отдел ' || (n % 5) as department, true as is_active from range(1, 61) as r (n);
insert into marts.dim_products by name
select 'books:p' || n as product_key, 'A-' || n as sku, 'Товар ' || n as product_name, 'Группа ' || (n % 40) as category, 'шт' as unit,
    case when n % 10 < 2 then 'A' when n % 10 < 5 then 'B' else 'C' end as abc_class, 'Z' as xyz_class from range(1, 5001) as r (n);
insert into marts.dim_stages by name
select 'sales:1:' || (9 + n) as stage_key, 'sales' as source, '1' as pipeline_id, 'Продажи' as pipeline_name, cast(9 + n as varchar) as stage_id,
    'Этап ' || n as stage_name, n as stage_position, case n when 5 then 'won' when 6 then 'lost' else 'open' end as stage_kind from range(1, 7) as r (n);
insert into marts.dim_campaigns by name
select 'ads:' || n as campaign_key, case n % 2 when 0 then 'paid_search' else 'paid_social' end as channel, 'Кампания ' || n as campaign_name from range(1, 41) as r (n);
insert into marts.dim_customers by name
select 'books:c' || n as customer_key,
    (array['Ромашка', 'Вектор', 'Север', 'Альфа', 'Гранит', 'Лира', 'Орион', 'Квант'])[1 + n % 8] || ' ' || n as customer_name, 'company' as customer_type,
    cast(7700000000 + n as varchar) as tax_id, '+7916' || lpad(cast(n as varchar), 7, '0') as phone, 'Москва' as city, 'books:m' || (1 + n % 60) as manager_key,
    'organic' as channel, date '2024-01-01' + cast(n % 700 as integer) as first_sale_date, 'active' as lifecycle, 'B' as abc_class, 'Z' as xyz_class,
    'loyal' as rfm_segment, lower(customer_name) || ' ' || tax_id || ' 7916' || lpad(cast(n as varchar), 7, '0') as search_text
from range(1, {customers} + 1) as r (n);
insert into marts.fct_sales by name
select 'books:d' || (n // 3) || ':' || (n % 3) as sale_key, 'books' as source, 'books:d' || (n // 3) as document_key, 'РТ-' || (n // 3) as document_number,
    date '2024-04-01' + cast((n // 3) * 7919 % 730 as integer) as sale_date, 'books:o' as organisation_key, 'books:w1' as warehouse_key,
    'books:c' || (1 + (n // 3) * 104729 % {customers}) as customer_key, 'books:p' || (1 + n * 31 % 5000) as product_key,
    'books:m' || (1 + (1 + (n // 3) * 104729 % {customers}) % 60) as manager_key, 'books:so' || (n // 3) as order_key, 'organic' as channel,
    1 + n % 5 as quantity, 500 + n * 17 % 20000 as revenue_base, revenue_base / 6 as vat_base, revenue_base * 0.6 as cost_base,
    revenue_base - vat_base - cost_base as gross_profit_base, n % 97 = 0 as is_return
from range(0, {sales}) as r (n);
insert into marts.fct_orders by name
select order_key, 'books' as source, 'ЗК-' || row_number() over () as order_number, sale_date as order_date, customer_key, manager_key,
    'sales:' || (row_number() over () % {deals}) as deal_key, 'organic' as channel, 'closed' as order_status, revenue as amount, 'RUB' as currency_code,
    revenue as amount_base, revenue as shipped_base, case when row_number() over () % 20 = 0 then 0 else revenue end as paid_base,
    case when row_number() over () % 20 = 0 then revenue else 0 end as debt_base, sale_date + 14 as due_date, true as is_order, false as is_cancelled
from (select order_key, min(sale_date) as sale_date, min(customer_key) as customer_key, min(manager_key) as manager_key, sum(revenue_base) as revenue
      from marts.fct_sales group by order_key);
insert into marts.fct_payments by name
select 'books:pay' || row_number() over () as payment_key, order_key, customer_key, manager_key, 'organic' as channel, order_date + 5 as payment_date,
    paid_base as amount_base, 'in' as direction, 'bank' as payment_method from marts.fct_orders where paid_base > 0;
insert into marts.fct_deals by name
select 'sales:' || n as deal_key, 'sales' as source, cast(n as varchar) as deal_id, 'Сделка ' || n as deal_name, 'Продажи' as pipeline_name,
    case when n % 10 < 5 then 'won' when n % 10 < 8 then 'lost' else 'open' end as deal_status,
    'sales:1:' || case deal_status when 'won' then 14 when 'lost' then 15 else 10 + n % 4 end as stage_key, 'Этап' as stage_name,
    'books:c' || (1 + n * 104729 % {customers}) as customer_key, 'books:m' || (1 + (1 + n * 104729 % {customers}) % 60) as manager_key,
    manager_key as manager_at_close_key, 'ads:' || (1 + n % 40) as campaign_key, 'paid_search' as channel, 1000 + n % 90000 as amount_base,
    timestamptz '2024-04-01 06:00+00' + to_hours(cast(n * 7919 % 17520 as integer)) as created_at,
    created_at + to_days(cast(1 + n % 5 as integer)) as updated_at,
    case when n % 10 < 8 then created_at + to_days(cast(5 + n % 30 as integer)) end as closed_at,
    'https://crm.example.ru/deal/' || n as source_url
from range(0, {deals}) as r (n);
insert into marts.fct_leads by name
select deal_key as lead_key, source, created_at, 'converted' as lead_status, deal_key, customer_key, manager_key, campaign_key, channel from marts.fct_deals;
insert into marts.fct_calls by name
select 'pbx:' || n as call_key, 'pbx' as source, created_at + interval 1 hour as started_at, cast(created_at as date) as call_date,
    case n % 3 when 0 then 'out' else 'in' end as direction, '+7916' || lpad(cast(n as varchar), 7, '0') as phone, customer_key, manager_key, deal_key,
    120 as talk_seconds, 10 as wait_seconds, n % 7 > 0 as is_answered, n % 7 = 0 and n % 3 > 0 as is_missed,
    case when n % 14 = 0 then 30.0 end as callback_minutes, false as is_lost
from (select *, row_number() over () as n from marts.fct_deals);
insert into marts.fct_campaign_costs by name
select date '2024-04-01' + cast(n as integer) as cost_date, 'ads:' || (1 + n % 40) as campaign_key, 'paid_search' as channel, 1000 as impressions,
    50 as clicks, 5000 as cost_base from range(0, 730) as r (n)
