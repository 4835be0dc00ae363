{#- A moment as some systems send it, with its offset in one installation and as wall time of the source in another. -#}
{% macro sent_moment(text, source_column='_source') -%}
    case
        when {{ text_matches(text, '(Z|[+-][0-9]{2}:?[0-9]{2})$') }} then {{ text_to_instant(text) }}
        else {{ source_instant(text_to_timestamp(text), source_column) }}
    end
{%- endmacro %}
