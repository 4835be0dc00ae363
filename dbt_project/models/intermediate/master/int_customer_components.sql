{#-
    Groups of cards that are one customer. A group that holds a forbidden pair is divided: the forbidden cards become
    anchors (those that may stay together do), and every other card goes with the anchors that more speaks for.
-#}
{%- set rounds = var('identity_rounds') | int -%}

with

pairs as (

    select
        rank_a as node_a,
        rank_b as node_b,
        match_rule,
        weight
    from {{ ref('int_customer_pairs') }}

),

nodes as (

    select node_a as node from pairs
    union
    select node_b as node from pairs

),

{{ connected_components('group', 'nodes', 'pairs', rounds) }},

forbidden as (

    select
        manual.rank_a as node_a,
        manual.rank_b as node_b
    from {{ ref('int_customer_manual_matches') }} as manual
    inner join group_components as a on manual.rank_a = a.node
    inner join group_components as b on manual.rank_b = b.node
    where not manual.is_same and a.label = b.label

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

),

divided as (

    select
        group_components.node as node,
        group_components.label as group_label
    from group_components
    where group_components.label in (
        select components.label
        from group_components as components
        inner join anchors on components.node = anchors.node
    )

),

divided_pairs as {{ materialized() }} (

    select
        pairs.node_a as node_a,
        pairs.node_b as node_b,
        pairs.weight as weight
    from pairs
    inner join divided on pairs.node_a = divided.node
    union all
    select
        pairs.node_b as node_a,
        pairs.node_a as node_b,
        pairs.weight as weight
    from pairs
    inner join divided on pairs.node_b = divided.node

),

assigned_0 as {{ materialized() }} (

    select
        anchor_components.node as node,
        case
            when contradicted.label is null then anchor_components.label
            else manual_anchor_components.label
        end as anchor
    from anchor_components
    inner join manual_anchor_components on anchor_components.node = manual_anchor_components.node
    left join contradicted on anchor_components.label = contradicted.label

),
{% for round in range(1, rounds + 1) %}
votes_{{ round }} as (

    select
        divided_pairs.node_a as node,
        assigned.anchor as anchor,
        sum(divided_pairs.weight) as weight
    from divided_pairs
    inner join assigned_{{ round - 1 }} as assigned on divided_pairs.node_b = assigned.node
    where divided_pairs.node_a not in (select assigned_{{ round - 1 }}.node from assigned_{{ round - 1 }})
    group by divided_pairs.node_a, assigned.anchor

),

assigned_{{ round }} as {{ materialized() }} (

    select
        node,
        anchor
    from assigned_{{ round - 1 }}

    union all

    select
        node,
        anchor
    from (
        select
            node,
            anchor,
            row_number() over (partition by node order by weight desc, anchor) as place
        from votes_{{ round }}
    ) as ranked
    where place = 1

),
{% endfor %}
labelled as (

    select
        group_components.node as node,
        case
            when divided.node is null then group_components.label
            else min(group_components.node) over (partition by group_components.label, assigned.anchor)
        end as label
    from group_components
    left join divided on group_components.node = divided.node
    left join assigned_{{ rounds }} as assigned on group_components.node = assigned.node

)

select
    node as card_rank,
    label as customer_rank
from labelled
