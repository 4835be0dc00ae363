{{ config(materialized=inlined()) }}

with

ranked as (

    select
        _source,
        product_id,
        product_name,
        unit,
        -- a row keeps the name of its day: the newest one holds
        row_number() over (
            partition by _source, product_id
            order by {{ id_order('row_id') }} desc
        ) as place
    from {{ ref('stg_bitrix24__product_rows') }}
    where not is_deleted and product_id is not null
)

select
    {{ crm_key('_source', 'product_id') }} as product_ref,
    _source as source,
    -- product rows tell neither an article nor a category
    cast(null as {{ text_type() }}) as sku,
    product_name,
    cast(null as {{ text_type() }}) as category,
    cast(null as {{ text_type() }}) as category_path,
    unit
from ranked
where place = 1
