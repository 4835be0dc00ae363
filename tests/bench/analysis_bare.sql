-- The same steps by hand over the records that analysis_bare_load.sql reads: parse, join, ABC and XYZ, turnover, basket gaps, stages, callbacks, KPI. No tests, no
-- contracts, no exceptions to any rule: what the engine needs at the least.
create table bare.lines as
select
    _key as document, (line ->> 'Period')::date as sold_on, line ->> 'Номенклатура_Key' as product, line ->> 'Контрагент_Key' as customer,
    (line ->> 'Количество')::decimal(18, 3) as quantity, (line ->> 'Сумма')::decimal(18, 2) as revenue,
    (line ->> 'Себестоимость')::decimal(18, 2) as cost
from (select _key, unnest(json_extract(payload, '$.RecordSet[*]')) as line from bare.raw_onec__sales_register) as exploded;
create table bare.counterparties as
select _key, payload ->> 'Description' as name, payload ->> 'ИНН' as tax_id,
    regexp_replace(json_extract_string(payload, '$.КонтактнаяИнформация[0].НомерТелефона'), '[^0-9]', '', 'g') as phone
from bare.raw_onec__counterparties;
create table bare.contacts as
select _key, payload ->> 'name' as name,
    regexp_replace(json_extract_string(payload, '$.custom_fields_values[0].values[0].value'), '[^0-9]', '', 'g') as phone
from bare.raw_amocrm__contacts;
create table bare.customers as
select c._key as customer, c.name, c.tax_id, c.phone, p._key as contact
from bare.counterparties as c left join bare.contacts as p on right(c.phone, 10) = right(p.phone, 10);
create table bare.sales as
select l.*, c.name as customer_name, revenue - cost as profit
from bare.lines as l left join (select distinct on (customer) * from bare.customers) as c on l.customer = c.customer;
create table bare.deals as
select
    _key as deal, payload ->> 'name' as name, (payload ->> 'price')::decimal(18, 2) as amount, payload ->> 'status_id' as stage,
    to_timestamp((payload ->> 'created_at')::bigint) as created_at, to_timestamp((payload ->> 'closed_at')::bigint) as closed_at,
    json_extract_string(payload, '$._embedded.contacts[0].id') as contact
from bare.raw_amocrm__leads;
create table bare.entries as
select
    payload ->> 'entity_id' as deal, json_extract_string(payload, '$.value_after[0].lead_status.id') as stage,
    to_timestamp((payload ->> 'created_at')::bigint) as entered_at,
    lead(to_timestamp((payload ->> 'created_at')::bigint)) over (partition by payload ->> 'entity_id' order by _key) as left_at
from bare.raw_amocrm__events where payload ->> 'type' = 'lead_status_changed';
create table bare.calls as
select
    _key as call, payload ->> 'PHONE_NUMBER' as phone, (payload ->> 'CALL_START_DATE')::timestamptz as started_at,
    payload ->> 'CALL_TYPE' as kind, (payload ->> 'CALL_DURATION')::integer as seconds
from bare.raw_bitrix24__calls;
create table bare.callbacks as
select call, phone, started_at, kind, seconds,
    min(case when seconds > 0 then started_at end) over (
        partition by phone order by started_at rows between 1 following and unbounded following
    ) as answered_at
from bare.calls;
create table bare.abc as
select product, value, rank, sum(value) over (order by value desc, product) / sum(value) over () as share
from (select product, sum(revenue) as value, rank() over (order by sum(revenue) desc) as rank from bare.sales group by product) as sums;
create table bare.abc_customers as
select customer, value, sum(value) over (order by value desc, customer) / sum(value) over () as share
from (select customer, sum(revenue) as value from bare.sales group by customer) as sums;
create table bare.xyz as
select product, stddev_pop(quantity) / avg(quantity) as variation
from (select product, date_trunc('month', sold_on) as month, sum(quantity) as quantity from bare.sales group by all) as months group by product;
create table bare.turnover as
select
    customer, sum(revenue) filter (sold_on > date '2025-12-31') as turnover_3m,
    sum(revenue) filter (sold_on > date '2025-03-31') as turnover_12m, count(distinct document) as sales, max(sold_on) as last_sale
from bare.sales group by customer;
create table bare.gaps as
select customer, product, count(*) as purchases, median(gap) as usual_interval, max(sold_on) as last_sale
from (
    select customer, product, sold_on, sold_on - lag(sold_on) over (partition by customer, product order by sold_on) as gap
    from (select distinct customer, product, sold_on from bare.sales where sold_on > date '2025-03-31') as days
) as intervals group by all having count(*) >= 3;
create table bare.days as
select sold_on, sum(revenue) as revenue, sum(profit) as profit, count(distinct document) as sales from bare.sales group by sold_on;
create table bare.funnel as
select date_trunc('month', d.created_at) as cohort, e.stage, count(distinct d.deal) as deals, sum(epoch(e.left_at - e.entered_at)) as seconds
from bare.deals as d inner join bare.entries as e on d.deal = e.deal group by all;
create table bare.kpi as
select date_trunc('month', started_at) as month, count(*) as calls, sum(seconds) as seconds,
    count(*) filter (seconds = 0 and (answered_at is null or answered_at > started_at + interval 24 hour)) as lost
from bare.callbacks group by all;
