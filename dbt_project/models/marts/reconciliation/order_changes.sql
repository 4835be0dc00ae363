{%- set fields = {'amount': 'amount', 'lines': 'lines_text', 'manager': 'manager', 'status': 'status'} %}

with

followed as (

    select
        versions.*,
        {%- for column in fields.values() %}
        lag(versions.{{ column }}) over (partition by versions.order_key order by versions.version_number) as {{ column }}_before,
        {%- endfor %}
        lag(versions.is_deleted) over (partition by versions.order_key order by versions.version_number) as was_deleted
    from {{ ref('int_order_versions') }} as versions

),

-- a deleted order has no fields any more: that it is gone is the change, not that each of them is
changes as (

    {%- for field, column in fields.items() %}
    select
        order_key,
        version_number,
        seen_at,
        '{{ field }}' as field,
        {{ column }}_before as was,
        {{ column }} as now
    from followed
    where
        version_number > 1
        and not ({{ same_value(column, column ~ '_before') }})
        {%- if field != 'status' %}
        and not is_deleted
        and not was_deleted
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

first_payments as (

    select
        order_key,
        min(paid_at) as paid_at
    from {{ ref('int_payments') }}
    where is_customer_money and direction = 'in' and order_key is not null
    group by order_key

)

select
    changes.order_key as order_key,
    {{ cast_as(
        'row_number() over (partition by changes.order_key order by changes.version_number, changes.field)', 'integer'
    ) }} as change_number,
    changes.seen_at as seen_at,
    changes.field as field,
    changes.was as was,
    changes.now as now,
    coalesce(first_payments.paid_at < changes.seen_at, false) as after_payment,
    orders.customer_key as customer_key,
    orders.manager_key as manager_key,
    orders.order_channel as order_channel,
    orders.order_number as order_number,
    orders.source_url as source_url
from changes
left join {{ ref('fct_orders') }} as orders on changes.order_key = orders.order_key
left join first_payments on changes.order_key = first_payments.order_key
where changes.seen_at < {{ as_of_end() }}
