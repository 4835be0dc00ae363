with

attributes as (

    select
        links.product_key,
        {{ first_known('cards.sku', 'cards.product_rank') }} as sku,
        {{ first_known('cards.product_name', 'cards.product_rank') }} as product_name,
        {{ first_known('cards.category', 'cards.product_rank') }} as category,
        {{ first_known('cards.category_path', 'cards.product_rank') }} as category_path,
        {{ first_known('cards.unit', 'cards.product_rank') }} as unit
    from {{ ref('int_product_cards') }} as cards
    inner join {{ ref('int_product_links') }} as links on cards.product_ref = links.product_ref
    group by links.product_key

)

select
    attributes.product_key,
    attributes.sku,
    attributes.product_name,
    attributes.category,
    attributes.category_path,
    attributes.unit,
    classes.abc_class,
    classes.xyz_class
from attributes
left join {{ ref('abc_xyz_products') }} as classes
    on attributes.product_key = classes.product_key and classes.measure = 'revenue'
