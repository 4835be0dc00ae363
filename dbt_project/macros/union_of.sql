{#-
    The records of a canonical entity from every system that has them: the models <entity>__<system> for each system of var systems_of.
    skvoz hands the var over from the names of the files, ours and the company's own, so that a system is added by adding its files;
    dbt must know what a model reads while it parses it, and cannot look into folders itself.
-#}
{% macro union_of(entity, columns) -%}
{%- for system in var('systems_of')[entity] %}
    select
        {{ columns | join(',\n        ') }}
    from {{ ref(entity ~ '__' ~ system) }}
    {{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}
