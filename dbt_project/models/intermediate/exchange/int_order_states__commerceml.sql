{{ config(materialized=inlined()) }}
with

seen as (

    -- a document that comes again says all of itself; only documents that come again can have changed
    select
        *,
        coalesce(document_id, _key) as order_id,
        {{ next_seen('_loaded_at') }} over (partition by _source, _key order by _loaded_at, _load_id) as seen_to,
        count(*) over (partition by _source, _key) as versions
    from {{ ref('stg_commerceml__document_versions') }}
    where
        operation in ('Заказ товара', 'Order')
        and coalesce(own_role, '') <> 'Покупатель'
        and {{ commerceml_counts('_source') }}

),

orders as (

    select *
    from seen
    where versions > 1

),

requisites as (

    {{ explode_json('orders', 'requisites', {'requisite': 'Наименование', 'requisite_value': 'Значение'}, ['_source', '_key', '_loaded_at']) }}

),

meanings as (

    select
        _source,
        _key,
        _loaded_at,
        max(case when {{ lower_case('requisite') }} = 'статус заказа' then requisite_value end) as status_name,
        {%- for meaning, names in {
            'is_marked': "('пометкаудаления')", 'is_cancelled': "('отменен', 'отменён')", 'is_final': "('финальный статус')",
        }.items() %}
        max(
            case
                when {{ lower_case('requisite') }} in {{ names }} and {{ lower_case('requisite_value') }} in ('true', 'y', '1', 'да') then 1
                else 0
            end
        ) as {{ meaning }}{{ ',' if not loop.last }}
        {%- endfor %}
    from requisites
    group by _source, _key, _loaded_at

)

select
    {{ crm_key('orders._source', 'orders.order_id') }} as order_key,
    orders._loaded_at as seen_at,
    orders._load_id as load_id,
    orders.amount as amount,
    case
        when meanings.is_marked = 1 then 'marked for deletion'
        when meanings.is_cancelled = 1 then 'cancelled'
        when meanings.status_name is not null then meanings.status_name
        when meanings.is_final = 1 then 'closed'
        else 'open'
    end as status,
    cast(null as {{ text_type() }}) as manager_ref,
    cast(null as {{ text_type() }}) as manager_id,
    false as is_deleted,
    false as sums_lines
from orders
left join meanings
    on orders._source = meanings._source and orders._key = meanings._key and orders._loaded_at = meanings._loaded_at
