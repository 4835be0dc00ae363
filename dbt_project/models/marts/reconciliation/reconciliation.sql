{#- The union of every check: its name is the file's, check_<name>.sql. -#}
{%- for check in reconciliation_checks() %}
select
    '{{ check }}:' || issue_id as issue_key,
    '{{ check }}' as check_name,
    severity,
    customer_key,
    manager_key,
    deal_key,
    order_key,
    payment_key,
    {{ cast_as('amount', 'decimal(18,2)') }} as amount,
    {{ cast_as('occurred_date', 'date') }} as occurred_date,
    details
from {{ ref('check_' ~ check) }}
{{ 'union all' if not loop.last }}
{%- endfor %}
