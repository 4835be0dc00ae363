{#- Whether a customer card stands for nobody in particular, by the seed technical_customers (an empty source is any). -#}
{% macro is_technical_customer(source, source_customer_id, customer_name) -%}
    coalesce(
        {{ lower_case(customer_name) }} in (
            select {{ lower_case('trim(customer_name)') }}
            from {{ ref('technical_customers') }}
            where source is null and source_customer_id is null and customer_name is not null
        )
        or {{ source }} || ':' || {{ lower_case(customer_name) }} in (
            select source || ':' || {{ lower_case('trim(customer_name)') }}
            from {{ ref('technical_customers') }}
            where source is not null and source_customer_id is null and customer_name is not null
        )
        or {{ source }} || ':' || {{ source_customer_id }} in (
            select source || ':' || source_customer_id
            from {{ ref('technical_customers') }}
            where source is not null and source_customer_id is not null
        ),
        false
    )
{%- endmacro %}
