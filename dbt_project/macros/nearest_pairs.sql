{#-
    One-to-one pairs out of candidates (left_key, right_key, distance): the nearest of both sides first, some rounds over for what is left.
    A list of CTEs that ends in `<name>` (left_key, right_key).
-#}
{% macro nearest_pairs(name, candidates, rounds=3) -%}
{%- for round in range(1, rounds + 1) %}
{{ name }}_places_{{ round }} as (

    select
        left_key,
        right_key,
        row_number() over (partition by left_key order by distance, right_key) as left_place,
        row_number() over (partition by right_key order by distance, left_key) as right_place
    from {{ candidates }}
    {%- if round > 1 %}
    where
        left_key not in (select taken.left_key from {{ name }}_{{ round - 1 }} as taken)
        and right_key not in (select taken.right_key from {{ name }}_{{ round - 1 }} as taken)
    {%- endif %}

),

{{ name }}_{{ round }} as (

    select
        left_key,
        right_key
    from {{ name }}_places_{{ round }}
    where left_place = 1 and right_place = 1
    {%- if round > 1 %}

    union all

    select
        left_key,
        right_key
    from {{ name }}_{{ round - 1 }}
    {%- endif %}

),

{% endfor -%}
{{ name }} as (

    select
        left_key,
        right_key
    from {{ name }}_{{ rounds }}

)
{%- endmacro %}
