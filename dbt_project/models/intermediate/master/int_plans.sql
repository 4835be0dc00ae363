{#-
    Plans with their owner found: a manager may be named by key, internal code, e-mail or name, a customer by the key of any card, tax id or
    name, where these are of one customer only; departments and categories whatever their case. The spreadsheet wins over the seed.
-#}
with

told as (

    select
        {{ month_start('month') }} as month,
        {{ lower_case('metric') }} as metric,
        {{ lower_case('scope_kind') }} as scope_kind,
        scope_key,
        value,
        1 as priority,
        _source || _key as row_order
    from {{ ref('stg_spreadsheet__plans') }}
    where not is_deleted and month is not null

    union all

    select
        {{ month_start('month') }} as month,
        {{ lower_case('metric') }} as metric,
        {{ lower_case("coalesce(scope_kind, case when scope_key is null then 'company' else 'manager' end)") }} as scope_kind,
        scope_key,
        value,
        1 as priority,
        _source || _key as row_order
    from {{ ref('stg_feed__plans') }}
    where not is_deleted and month is not null

    union all

    select
        {{ month_start('month') }} as month,
        {{ lower_case('metric') }} as metric,
        {{ lower_case('scope_kind') }} as scope_kind,
        scope_key,
        value,
        2 as priority,
        '' as row_order
    from {{ ref('plans') }}

),

names as (

    select
        manager_key as name_text,
        manager_key
    from {{ ref('int_managers') }}

    union

    select
        {{ lower_case('internal_code') }} as name_text,
        manager_key
    from {{ ref('int_managers') }}

    union

    select
        email as name_text,
        manager_key
    from {{ ref('int_managers') }}

    union

    select
        cards.name_words as name_text,
        links.manager_key
    from {{ ref('int_manager_cards') }} as cards
    inner join {{ ref('int_manager_links') }} as links on cards.manager_ref = links.manager_ref

    union

    select
        cards.manager_ref as name_text,
        links.manager_key
    from {{ ref('int_manager_cards') }} as cards
    inner join {{ ref('int_manager_links') }} as links on cards.manager_ref = links.manager_ref

),

only_names as (

    select
        name_text,
        min(manager_key) as manager_key
    from names
    where name_text is not null
    group by name_text
    having count(distinct manager_key) = 1

),

-- names of half a million customers are taken apart only where one of them has a plan
customer_cards as (

    select
        links.customer_key as customer_key,
        cards.customer_name as customer_name,
        cards.tax_id as tax_id
    from {{ ref('int_customer_cards') }} as cards
    inner join {{ ref('int_customer_links') }} as links on cards.card_key = links.card_key
    where
        links.customer_key is not null
        and 'customer' in (select told.scope_kind from told)

),

customer_names as (

    select
        name_text as customer_text,
        min(customer_key) as named_customer_key
    from (
        select
            {{ customer_name_words('customer_name') }} as name_text,
            customer_key
        from customer_cards

        union all

        select
            tax_id as name_text,
            customer_key
        from customer_cards
    ) as texts
    where name_text is not null and name_text <> ''
    group by name_text
    having count(distinct customer_key) = 1

),

{%- set texts = {'department': ['dim_managers', 'department'], 'product_category': ['dim_products', 'category']} %}
{%- for kind, where in texts.items() %}

{{ kind }}_names as (

    select
        {{ lower_case('trim(' ~ where[1] ~ ')') }} as {{ kind }}_text,
        min({{ where[1] }}) as {{ kind }}
    from {{ ref(where[0]) }}
    where {{ where[1] }} is not null
    group by {{ lower_case('trim(' ~ where[1] ~ ')') }}
    having count(distinct {{ where[1] }}) = 1

),

{{ kind }}_exact_names as (

    select distinct {{ where[1] }} as exact_{{ kind }}
    from {{ ref(where[0]) }}

),
{%- endfor %}

resolved as (

    select
        told.month,
        told.metric,
        told.scope_kind,
        case
            when told.scope_kind = 'company' then 'company'
            when told.scope_kind = 'manager' then coalesce(exact.manager_key, lowered.manager_key, named.manager_key, told.scope_key)
            when told.scope_kind = 'customer'
                then
                    coalesce(customers.customer_key, named_customers.named_customer_key, taxed_customers.named_customer_key, told.scope_key)
            when told.scope_kind = 'department'
                then coalesce(department_exact_names.exact_department, department_names.department, told.scope_key)
            when told.scope_kind = 'product_category'
                then coalesce(product_category_exact_names.exact_product_category, product_category_names.product_category, told.scope_key)
            else told.scope_key
        end as scope_key,
        case told.scope_kind
            when 'manager' then coalesce(exact.manager_key, lowered.manager_key, named.manager_key) is not null
            when 'customer'
                then
                    coalesce(customers.customer_key, named_customers.named_customer_key, taxed_customers.named_customer_key) is not null
            when 'department' then coalesce(department_exact_names.exact_department, department_names.department) is not null
            when 'product_category'
                then coalesce(product_category_exact_names.exact_product_category, product_category_names.product_category) is not null
            else true
        end as is_known,
        told.value,
        told.priority,
        told.row_order
    from told
    left join only_names as exact on told.scope_key = exact.name_text
    left join only_names as lowered on {{ lower_case('told.scope_key') }} = lowered.name_text
    left join only_names as named
        on {{ sorted_words(text_replace_pattern('told.scope_key', '(?i) [^ ]+(вич|вна|ична|оглы|кызы)( |$)', ' ')) }} = named.name_text
    left join {{ ref('int_customer_links') }} as customers on told.scope_key = customers.card_key
    left join customer_names as named_customers on {{ customer_name_words('told.scope_key') }} = named_customers.customer_text
    left join customer_names as taxed_customers on trim(told.scope_key) = taxed_customers.customer_text
    {%- for kind in texts %}
    left join {{ kind }}_exact_names on told.scope_key = {{ kind }}_exact_names.exact_{{ kind }}
    left join {{ kind }}_names on {{ lower_case('trim(told.scope_key)') }} = {{ kind }}_names.{{ kind }}_text
    {%- endfor %}

),

ranked as (

    select
        *,
        row_number() over (
            partition by month, metric, scope_kind, scope_key order by priority asc, row_order desc
        ) as place
    from resolved
    where
        value is not null
        and scope_key is not null
        and metric in ('revenue', 'gross_profit', 'cash', 'deals_won', 'contacts', 'average_sale')
        and scope_kind in ('company', 'department', 'manager', 'product_category', 'customer')

)

select
    month,
    metric,
    scope_kind,
    scope_key,
    is_known,
    {{ cast_as('value', 'decimal(18,2)') }} as value
from ranked
where place = 1
