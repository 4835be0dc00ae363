{{ config(materialized=inlined()) }}
-- No list of products is public: a product is what orders name.
select
    _source,
    product_id as _key,
    {{ cast_as('null', 'timestamptz') }} as _modified_at,
    max(_loaded_at) as _loaded_at,
    max(_load_id) as _load_id,
    false as is_deleted,
    product_id,
    product_id as product_name,
    cast(null as {{ text_type() }}) as sku,
    cast(null as {{ text_type() }}) as category,
    cast(null as {{ text_type() }}) as unit
from {{ ref('stg_freshoffice__order_lines') }}
where product_id is not null and not is_deleted
group by _source, product_id
