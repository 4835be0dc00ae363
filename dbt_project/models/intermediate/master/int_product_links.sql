{#- One product across the systems: by SKU, else by name, each where it is one product's in both sources. -#}
with

cards as (

    select
        product_ref,
        product_rank,
        source,
        sku_text,
        name_text,
        count(*) over (partition by source, sku_text) as same_sku,
        count(*) over (partition by source, name_text) as same_name
    from {{ ref('int_product_cards') }}

),

pairs as (

    select
        here.product_rank as node_a,
        there.product_rank as node_b
    from cards as here
    inner join cards as there on here.sku_text = there.sku_text
    where
        here.product_rank < there.product_rank
        and here.source <> there.source
        and here.same_sku = 1
        and there.same_sku = 1

    union all

    select
        here.product_rank as node_a,
        there.product_rank as node_b
    from cards as here
    inner join cards as there on here.name_text = there.name_text
    where
        here.product_rank < there.product_rank
        and here.source <> there.source
        and here.same_name = 1
        and there.same_name = 1
        and (here.sku_text is null or there.sku_text is null)

),

nodes as (

    select product_rank as node from cards

),

{{ connected_components('product', 'nodes', 'pairs', 4) }}

select
    cards.product_ref as product_ref,
    firsts.product_ref as product_key,
    cards.product_rank as product_rank
from cards
inner join product_components on cards.product_rank = product_components.node
inner join cards as firsts on product_components.label = firsts.product_rank
