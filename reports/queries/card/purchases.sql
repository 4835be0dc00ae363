-- One customer's last purchases and returns, one row per document.
select
    document_key,
    max(document_number) as document_number,
    max(sale_date) as sale_date,
    count(distinct product_key) as products,
    sum(revenue_base) as revenue
from marts.fct_sales
where customer_key = $customer
    and sale_date <= $as_of
    and (revenue_base <> 0 or quantity <> 0)
group by document_key
order by sale_date desc, document_key desc
limit 30
