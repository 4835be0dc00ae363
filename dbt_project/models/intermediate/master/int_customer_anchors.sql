{#-
    The cards of forbidden pairs inside one group. Those that may stay together share an anchor; where the other ties would join
    what is forbidden, only the manual ones count.
-#}
with

pairs as (

    select
        rank_a as node_a,
        rank_b as node_b,
        match_rule
    from {{ ref('int_customer_pairs') }}

),

forbidden as (

    select
        manual.rank_a as node_a,
        manual.rank_b as node_b
    from {{ ref('int_customer_manual_matches') }} as manual
    inner join {{ ref('int_customer_groups') }} as a on manual.rank_a = a.card_rank
    inner join {{ ref('int_customer_groups') }} as b on manual.rank_b = b.card_rank
    where not manual.is_same and a.group_rank = b.group_rank

),

anchors as (

    select node_a as node from forbidden
    union
    select node_b as node from forbidden

),

anchor_pairs as (

    select
        pairs.node_a as node_a,
        pairs.node_b as node_b,
        pairs.match_rule as match_rule
    from pairs
    inner join anchors as a on pairs.node_a = a.node
    inner join anchors as b on pairs.node_b = b.node

),

manual_anchor_pairs as (

    select
        node_a,
        node_b
    from anchor_pairs
    where match_rule = 'manual'

),

{{ connected_components('anchor', 'anchors', 'anchor_pairs', 6) }},

{{ connected_components('manual_anchor', 'anchors', 'manual_anchor_pairs', 6) }},

contradicted as (

    select distinct a.label as label
    from forbidden
    inner join anchor_components as a on forbidden.node_a = a.node
    inner join anchor_components as b on forbidden.node_b = b.node
    where a.label = b.label

)

select
    anchor_components.node as card_rank,
    case
        when contradicted.label is null then anchor_components.label
        else manual_anchor_components.label
    end as anchor_rank
from anchor_components
inner join manual_anchor_components on anchor_components.node = manual_anchor_components.node
left join contradicted on anchor_components.label = contradicted.label
