{#- Plans with their owner found: a manager may be named by key, internal code, e-mail or name. The spreadsheet wins over the seed. -#}
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

resolved as (

    select
        told.month,
        told.metric,
        told.scope_kind,
        case
            when told.scope_kind = 'company' then 'company'
            when told.scope_kind = 'manager' then coalesce(exact.manager_key, lowered.manager_key, named.manager_key, told.scope_key)
            when told.scope_kind = 'customer' then coalesce(customers.customer_key, told.scope_key)
            else told.scope_key
        end as scope_key,
        told.scope_kind <> 'manager'
        or coalesce(exact.manager_key, lowered.manager_key, named.manager_key) is not null as is_known,
        told.value,
        told.priority,
        told.row_order
    from told
    left join only_names as exact on told.scope_key = exact.name_text
    left join only_names as lowered on {{ lower_case('told.scope_key') }} = lowered.name_text
    left join only_names as named
        on {{ sorted_words(text_replace_pattern('told.scope_key', '(?i) [^ ]+(вич|вна|ична|оглы|кызы)( |$)', ' ')) }} = named.name_text
    left join {{ ref('int_customer_links') }} as customers on told.scope_key = customers.card_key

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
