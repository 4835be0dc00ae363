{#-
    One-to-one pairs out of candidates (left_key, right_key, distance): the nearest of both sides first, some rounds over for what is left.
    A list of CTEs that ends in `<name>` (left_key, right_key). A round reads the one before it once: an engine that puts CTEs where they
    are named would otherwise read the candidates 13 times.
-#}
{% macro nearest_pairs(name, candidates, rounds=3) -%}
{%- for round in range(1, rounds + 1) %}
{{ name }}_placed_{{ round }} as (

    select
        left_key,
        right_key,
        distance,
        row_number() over (partition by left_key order by distance, right_key) = 1
        and row_number() over (partition by right_key order by distance, left_key) = 1 as is_pair
    from {{ candidates if round == 1 else name ~ '_left_' ~ (round - 1) }}

),

-- a pair takes both its keys out of the other candidates, and stays
{{ name }}_left_{{ round }} as (

    select
        left_key,
        right_key,
        distance,
        is_pair
    from (
        select
            *,
            max(case when is_pair then 1 else 0 end) over (partition by left_key) as left_taken,
            max(case when is_pair then 1 else 0 end) over (partition by right_key) as right_taken
        from {{ name }}_placed_{{ round }}
    ) as marked
    where is_pair or (left_taken = 0 and right_taken = 0)

),

{% endfor -%}
{{ name }} as (

    select
        left_key,
        right_key
    from {{ name }}_left_{{ rounds }}
    where is_pair

)
{%- endmacro %}
