{#-
    Connected components by hooking and contraction, unrolled. A round hooks every node to the smallest of itself and its
    neighbours, follows those hooks a few steps, and keeps only the edges between nodes that still differ; most groups are
    done after the first round, so later rounds cost nearly nothing. A chain of cards in strictly rising order needs one
    round for every 16 of its links; a test says when a group needs more rounds than it got.
    nodes: relation with a BIGINT column `node`; edges: relation with `node_a`, `node_b` (any direction).
    Gives a list of CTEs that ends in `<name>_components` (node, label): label = the smallest node of the group.
-#}
{% macro connected_components(name, nodes, edges, rounds) -%}
    {{ return(adapter.dispatch('connected_components', 'skvoz')(name, nodes, edges, rounds)) }}
{%- endmacro %}

{% macro default__connected_components(name, nodes, edges, rounds) -%}
{{ name }}_edges_1 as {{ materialized() }} (

    select node_a, node_b from {{ edges }} where node_a <> node_b
    union
    select node_b as node_a, node_a as node_b from {{ edges }} where node_a <> node_b

),
{% for round in range(1, rounds + 1) %}
{{ name }}_hooks_{{ round }}_0 as {{ materialized() }} (

    select
        node_a as node,
        least(node_a, min(node_b)) as parent
    from {{ name }}_edges_{{ round }}
    group by node_a

),
{% set jumps = 2 if round == 1 else 4 %}
{%- for jump in range(1, jumps + 1) %}
{{ name }}_hooks_{{ round }}_{{ jump }} as {{ materialized() }} (

    select
        here.node as node,
        there.parent as parent
    from {{ name }}_hooks_{{ round }}_{{ jump - 1 }} as here
    inner join {{ name }}_hooks_{{ round }}_{{ jump - 1 }} as there on here.parent = there.node

),
{% endfor %}
{{ name }}_edges_{{ round + 1 }} as {{ materialized() }} (

    select distinct
        a.parent as node_a,
        b.parent as node_b
    from {{ name }}_edges_{{ round }} as edges
    inner join {{ name }}_hooks_{{ round }}_{{ jumps }} as a on edges.node_a = a.node
    inner join {{ name }}_hooks_{{ round }}_{{ jumps }} as b on edges.node_b = b.node
    where a.parent <> b.parent

),
{% endfor %}
{{ name }}_components as (

    select
        nodes.node as node,
        coalesce(
            {%- for round in range(rounds, 0, -1) %}
            hooks_{{ round }}.parent,
            {%- endfor %}
            nodes.node
        ) as label
    from {{ nodes }} as nodes
    {%- for round in range(1, rounds + 1) %}
    left join {{ name }}_hooks_{{ round }}_{{ 2 if round == 1 else 4 }} as hooks_{{ round }}
        on
            {% for earlier in range(round - 1, 0, -1) -%}
            {{ 'coalesce(' if loop.first }}hooks_{{ earlier }}.parent, {{ '' }}
            {%- endfor -%}
            nodes.node{{ ')' if round > 1 }} = hooks_{{ round }}.node
    {%- endfor %}

)
{%- endmacro %}

{#-
    ClickHouse puts every CTE anew wherever it is named, so that the unrolled rounds outgrow its limit of 500,000 elements of one query; a
    recursive CTE is one step written once. A step takes the smallest label next to a node, so a group needs as many as it is wide.
-#}
{% macro clickhouse__connected_components(name, nodes, edges, rounds) -%}
{{ name }}_neighbours as materialized (

    select
        node_a as node,
        node_b as neighbour
    from {{ edges }}
    where node_a <> node_b
    union distinct
    select
        node_b as node,
        node_a as neighbour
    from {{ edges }}
    where node_a <> node_b

),

{{ name }}_components as (

    with recursive walk as (
        select distinct
            node,
            node as label,
            0 as step
        from {{ name }}_neighbours
        union all
        select
            here.node as node,
            least(any(here.label), min(there.label)) as label,
            any(here.step) + 1 as step
        from walk as here
        inner join {{ name }}_neighbours as edges on here.node = edges.node
        inner join walk as there on edges.neighbour = there.node
        where here.step < {{ 4 * rounds }}
        group by here.node
    )

    select
        nodes.node as node,
        coalesce(labels.label, nodes.node) as label
    from {{ nodes }} as nodes
    left join (
        select
            node,
            min(label) as label
        from walk
        group by node
    ) as labels on nodes.node = labels.node

)
{%- endmacro %}
