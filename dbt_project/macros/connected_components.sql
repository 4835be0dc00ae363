{#-
    Connected components by hooking and contraction, unrolled. A round hooks every node to the smallest of itself and its
    neighbours, follows those hooks a few steps, and keeps only the edges between nodes that still differ; most groups are
    done after the first round, so later rounds cost nearly nothing. A chain of cards in strictly rising order needs one
    round for every 16 of its links; a test says when a group needs more rounds than it got.
    nodes: relation with a BIGINT column `node`; edges: relation with `node_a`, `node_b` (any direction).
    Gives a list of CTEs that ends in `<name>_components` (node, label): label = the smallest node of the group.
-#}
{% macro connected_components(name, nodes, edges, rounds) -%}
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
