{{ config(materialized=inlined()) }}
-- The BI connector's own table of products has neither article nor category: what deals name is as good, and always published.
with

ranked as (

    select
        *,
        row_number() over (partition by _source, product_id order by {{ id_order('row_id') }} desc) as place
    from {{ ref('stg_bitrix24_bi__product_rows') }}
    where product_id is not null and not is_deleted
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    product_id,
    product_name,
    cast(null as {{ text_type() }}) as sku,
    cast(null as {{ text_type() }}) as category,
    unit
from ranked
where place = 1
