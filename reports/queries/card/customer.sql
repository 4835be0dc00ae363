-- One customer: who it is, who answers for it, how it is classed.
select
    customers.customer_key,
    customers.customer_name,
    customers.customer_type,
    customers.tax_id,
    customers.phone,
    customers.email,
    customers.city,
    customers.channel,
    customers.lifecycle,
    customers.abc_class,
    customers.xyz_class,
    customers.rfm_segment,
    customers.first_sale_date,
    customers.last_sale_date,
    customers.sales_count,
    customers.revenue_base,
    customers.manager_key,
    managers.manager_name
from marts.dim_customers as customers
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where customers.customer_key = $customer
