{#-
    Whether the documents of a CommerceML source are counted. A site's orders go into 1C and come back from it, so beside a base that is read
    itself (any source of system onec) they are the same orders a second time; `documents = "count"` or "ignore" of the source says otherwise.
-#}
{% macro commerceml_counts(source) -%}
    {%- set ignored = [] -%}
    {%- set onec = var('sources', []) | selectattr('system', 'equalto', 'onec') | list -%}
    {%- for one in var('sources', []) if one.system == 'commerceml' -%}
        {%- if one.get('documents') == 'ignore' or (onec and one.get('documents', 'auto') != 'count') -%}
            {%- do ignored.append(text_literal(one.name)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if ignored -%}
    {{ source }} not in ({{ ignored | join(', ') }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#- The good of an offer: `good#characteristic` is sold as the good. -#}
{% macro offered_good(id) -%}
    {{ text_extract_pattern(id, '^[^#]+') }}
{%- endmacro %}
