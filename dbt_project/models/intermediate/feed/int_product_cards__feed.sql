{{ config(materialized=inlined()) }}
-- Products; of a source that gives none of its own (a report that 1C saved) those that its rows name.
{{ feed_product_cards('feed') }}

union all

select distinct
    {{ crm_key('named._source', 'named.product_id') }} as product_ref,
    named._source as source,
    cast(null as {{ text_type() }}) as sku,
    named.product_id as product_name,
    cast(null as {{ text_type() }}) as category,
    cast(null as {{ text_type() }}) as category_path,
    cast(null as {{ text_type() }}) as unit
from (
    {%- for model in ['stg_feed__sales', 'stg_feed__order_lines', 'stg_feed__stock'] %}
    select
        _source,
        product_id
    from {{ ref(model) }}
    where not is_deleted and product_id is not null
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
) as named
where named._source not in (select _source from {{ ref('stg_feed__products') }})
