-- Folders are eight levels deep at most in the bases seen; a deeper one loses its top levels from the path, never the product.
{%- set levels = 8 %}
{%- set path = [] %}
{%- for level in range(levels, 0, -1) -%}
    {%- do path.append('folder_' ~ level ~ '.name') -%}
{%- endfor %}

with

products as (

    select *
    from {{ ref('stg_onec__products') }}
    where not is_deleted

),

folders as (

    select
        _source,
        _key,
        parent_id,
        name
    from products
    where coalesce(is_folder, false)

)

select
    products._source || ':' || products._key as product_ref,
    products._source as source,
    products.sku,
    coalesce(products.name, products.full_name) as product_name,
    coalesce(categories.name, kinds.name, folder_1.name) as category,
    {{ joined_texts(path, ' / ') }} as category_path,
    units.name as unit,
    coalesce(products.is_service, products.item_kind in ('Услуга', 'Работа'), false) as is_service
from products
left join folders as folder_1 on products._source = folder_1._source and products.parent_id = folder_1._key
{%- for level in range(2, levels + 1) %}
left join folders as folder_{{ level }}
    on folder_{{ level - 1 }}._source = folder_{{ level }}._source and folder_{{ level - 1 }}.parent_id = folder_{{ level }}._key
{%- endfor %}
left join {{ ref('stg_onec__product_categories') }} as categories
    on products._source = categories._source and products.category_id = categories._key
-- a base that publishes its kinds of products instead of their categories
left join {{ ref('stg_onec__product_categories') }} as kinds
    on products._source = kinds._source and products.kind_id = kinds._key
left join {{ ref('stg_onec__units') }} as units on products._source = units._source and products.unit_id = units._key
where not coalesce(products.is_folder, false)
