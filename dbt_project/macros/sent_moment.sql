{#-
    A moment as some systems send it: with its offset in one installation, as wall time of the source in another, as the milliseconds of
    OData 3 (/Date(1772354400000)/) in a third.
-#}
{% macro sent_moment(text, source_column='_source') -%}
    case
        when {{ text_matches(text, '^/Date[(]') }}
            then {{ text_to_epoch_instant(text_extract_pattern(text, '^/Date[(](-?[0-9]+)[0-9]{3}', 1)) }}
        when {{ text_matches(text, '(Z|[+-][0-9]{2}:?[0-9]{2})$') }} then {{ text_to_instant(text) }}
        else {{ source_instant(text_to_timestamp(text), source_column) }}
    end
{%- endmacro %}
