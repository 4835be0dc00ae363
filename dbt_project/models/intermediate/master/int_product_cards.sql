with

cards as (

    {{ union_of('int_product_cards', ['product_ref', 'source', 'sku', 'product_name', 'category', 'category_path', 'unit']) }}

)

select
    cards.product_ref as product_ref,
    cards.source as source,
    nullif(trim(cards.sku), '') as sku,
    nullif(trim(cards.product_name), '') as product_name,
    cards.category as category,
    cards.category_path as category_path,
    -- some exchanges give a unit by its code alone, with or without the zeros before it
    coalesce(units.unit, cards.unit) as unit,
    {{ upper_case("nullif(trim(cards.sku), '')") }} as sku_text,
    replace({{ lower_case("nullif(trim(cards.product_name), '')") }}, 'ё', 'е') as name_text,
    row_number() over (
        order by coalesce(sources.position, 1000000), cards.source, {{ id_order('cards.product_ref') }}
    ) as product_rank
from cards
left join {{ ref('int_sources') }} as sources on cards.source = sources.source
left join {{ ref('unit_codes') }} as units
    on length(trim(cards.unit)) <= 3 and lpad(trim(cards.unit), 3, '0') = units.unit_code
