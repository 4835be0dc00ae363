{#-
    One node that checks a whole model: the key is unique and never NULL, the columns of not_null are filled, every value
    of a reference exists in its dimension, accepted columns hold only listed values (NULL passes the last two). A returned
    row names the rule, an example and how many rows break it.
    references: {column: ref('model')} or {column: {to: ref('model'), field: column_there}}.
-#}
{% test mart_is_sound(model, key, not_null=[], references={}, accepted={}, nullable_key=false) %}
{%- set key_text = [] -%}
{%- for column in key -%}
    {%- do key_text.append("coalesce(cast(" ~ column ~ " as " ~ text_type() ~ "), 'NULL')") -%}
{%- endfor %}

select
    'key is not unique: {{ key | join(", ") }}' as rule,
    min(example) as example,
    count(*) as broken_rows
from (
    select {{ key_text | join(" || ' | ' || ") }} as example
    from {{ model }}
    group by {{ key | join(', ') }}
    having count(*) > 1
) as repeated
having count(*) > 0
{%- for column in (not_null if nullable_key else key + not_null) %}

union all

select
    '{{ column }} is NULL' as rule,
    min({{ key_text | join(" || ' | ' || ") }}) as example,
    count(*) as broken_rows
from {{ model }}
where {{ column }} is null
having count(*) > 0
{%- endfor %}
{%- for column, target in references.items() %}
{#- a relation is a mapping for Jinja too, but only a relation has an identifier -#}
{%- set to = target if target.identifier is defined else target['to'] -%}
{%- set field = column if target.identifier is defined else target.get('field', column) %}

union all

select
    '{{ column }} is not in {{ to.identifier }}' as rule,
    min(cast(here.{{ column }} as {{ text_type() }})) as example,
    count(*) as broken_rows
from {{ model }} as here
where
    here.{{ column }} is not null
    and here.{{ column }} not in (select there.{{ field }} from {{ to }} as there where there.{{ field }} is not null)
having count(*) > 0
{%- endfor %}
{%- for column, values in accepted.items() %}

union all

select
    '{{ column }} has an unknown value' as rule,
    min(cast({{ column }} as {{ text_type() }})) as example,
    count(*) as broken_rows
from {{ model }}
where {{ column }} is not null and {{ column }} not in ({% for value in values %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %})
having count(*) > 0
{%- endfor %}
{% endtest %}
