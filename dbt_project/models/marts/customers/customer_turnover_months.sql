select
    customer_key,
    {{ month_start('sale_date') }} as month,
    {{ cast_as('coalesce(sum(revenue_base), 0)', 'decimal(18,2)') }} as turnover,
    {{ cast_as('coalesce(sum(gross_profit_base), 0)', 'decimal(18,2)') }} as gross_profit,
    {{ cast_as('count(distinct case when is_sale then document_key end)', 'bigint') }} as sales_count
from {{ ref('fct_sales') }}
where customer_key is not null and sale_date <= {{ as_of_date() }}
group by customer_key, {{ month_start('sale_date') }}
