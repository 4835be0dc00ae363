{#-
    Groups of cards that are one customer. A group that holds a forbidden pair is divided: the forbidden cards are anchors,
    and every other card goes with the anchors that more speaks for.
-#}
{%- set rounds = var('identity_rounds') | int -%}

with

pairs as (

    select
        rank_a as node_a,
        rank_b as node_b,
        weight
    from {{ ref('int_customer_pairs') }}

),

divided as (

    select
        card_rank as node,
        group_rank as group_label
    from {{ ref('int_customer_groups') }}
    where group_rank in (
        select members.group_rank
        from {{ ref('int_customer_groups') }} as members
        inner join {{ ref('int_customer_anchors') }} as anchors on members.card_rank = anchors.card_rank
    )

),

-- both ways, and every card with itself: what it has been given it keeps
divided_pairs as {{ materialized() }} (

    select
        pairs.node_a as node_a,
        pairs.node_b as node_b,
        pairs.weight as weight,
        0 as is_own
    from pairs
    inner join divided on pairs.node_a = divided.node
    union all
    select
        pairs.node_b as node_a,
        pairs.node_a as node_b,
        pairs.weight as weight,
        0 as is_own
    from pairs
    inner join divided on pairs.node_b = divided.node
    union all
    select
        node as node_a,
        node as node_b,
        0 as weight,
        1 as is_own
    from divided

),

assigned_0 as (

    select
        card_rank as node,
        anchor_rank as anchor
    from {{ ref('int_customer_anchors') }}

),
{% for round in range(1, rounds + 1) %}
assigned_{{ round }} as {{ materialized() }} (

    select
        node,
        anchor
    from (
        select
            divided_pairs.node_a as node,
            assigned.anchor as anchor,
            row_number() over (
                partition by divided_pairs.node_a
                order by max(divided_pairs.is_own) desc, sum(divided_pairs.weight) desc, assigned.anchor
            ) as place
        from divided_pairs
        inner join assigned_{{ round - 1 }} as assigned on divided_pairs.node_b = assigned.node
        group by divided_pairs.node_a, assigned.anchor
    ) as ranked
    where place = 1

),
{% endfor %}
labelled as (

    select
        members.card_rank as card_rank,
        case
            when divided.node is null then members.group_rank
            else min(members.card_rank) over (partition by members.group_rank, assigned.anchor)
        end as customer_rank
    from {{ ref('int_customer_groups') }} as members
    left join divided on members.card_rank = divided.node
    left join assigned_{{ rounds }} as assigned on members.card_rank = assigned.node

)

select
    card_rank,
    customer_rank
from labelled
