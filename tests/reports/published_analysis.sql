-- What reports read beyond the main marts and beyond what pages need (tests/dashboards/more_marts.sql), with awkward names on purpose.
insert into marts.dim_products by name
select 'books:p' || number as product_key, 'SKU-' || number as sku,
    case number when 1 then '<script>alert(1)</script>' when 2 then '=HYPERLINK("http://example.com";"x")' else 'Компрессор поршневой ' || number end
    as product_name, 'Компрессоры' as category, 'шт' as unit, case when number < 20 then 'A' else 'C' end as abc_class, 'X' as xyz_class, number = 3 as is_service
from (select unnest(range(1, 41)) as number);
insert into marts.cash_flow_daily by name
select payment_date as date, direction, case direction when 'in' then 'Поступление от покупателей' else 'Возврат покупателям' end as article,
    sum(abs(amount_base)) as amount
from marts.fct_payments group by all;
insert into marts.cash_balances by name
select 'books:a1' as account_key, 'Расчётный счёт в банке с длинным названием' as account_name, 'RUB' as currency_code, 1500000 as balance, 1500000 as balance_base
union all
select 'books:a2', 'Касса · EUR', 'EUR', -1200.5, -120050;
insert into marts.payables by name
select 'books:d' || number as document_key, 'Поставщик с очень длинным названием и формой собственности ' || number as supplier_name,
    10000 * number as debt, date '2026-04-02' as due_date, 0 as overdue_days, 'not_due' as bucket
from (select unnest(range(1, 15)) as number);
insert into marts.customer_base_months by name
select date_trunc('month', sale_date)::date as month, 3 as customers_new, 20 as customers_returning, 2 as customers_reactivated,
    count(distinct customer_key) as customers_active, 1 as customers_lost
from marts.fct_sales group by all;
insert into marts.reconciliation by name
select 'order_without_deal:' || order_key as issue_key, 'order_without_deal' as check_name, case when amount_base > 100000 then 'high' else 'low' end
    as severity, customer_key, manager_key, order_key, amount_base as amount, order_date as occurred_date,
    'Заказ ' || order_number || ' от ' || order_date || ' на ' || amount_base || ' RUB не связан ни с одной сделкой CRM.' as details
from marts.fct_orders where order_date >= date '2026-03-01'
union all by name
select 'missing_exchange_rate:USD' as issue_key, 'missing_exchange_rate' as check_name, 'medium' as severity, 'Нет курса USD.' as details;
insert into marts.restatements by name
select date '2026-02-01' as month, 'revenue' as metric, 9000000 as was, 9100000 as now, timestamptz '2026-03-31 05:00+00' as published_at
union all
select date '2026-01-01', 'deals_won', 31, 30, timestamptz '2026-03-30 05:00+00'
union all
select date '2025-12-01', 'revenue', 1, 2, timestamptz '2026-01-30 05:00+00'
