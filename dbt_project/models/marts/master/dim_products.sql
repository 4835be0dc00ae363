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

),

-- only 1C tells work from goods; a product that is goods in one of its cards is goods
services as (

    select
        product_key,
        min(case when is_service then 1 else 0 end) = 1 as is_service
    from {{ ref('int_onec_products') }}
    where product_key is not null
    group by product_key

)

select
    attributes.product_key as product_key,
    attributes.sku,
    attributes.product_name,
    attributes.category,
    attributes.category_path,
    attributes.unit,
    classes.abc_class,
    classes.xyz_class,
    coalesce(services.is_service, false) as is_service
from attributes
left join services on attributes.product_key = services.product_key
left join {{ ref('abc_xyz_products') }} as classes
    on attributes.product_key = classes.product_key and classes.measure = 'revenue'
