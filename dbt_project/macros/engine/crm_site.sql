{#- Scheme and host of a source's address: a webhook carries its secret in the path, which must never reach a mart. -#}
{% macro crm_site(url) -%}
    {{ text_extract_pattern(url, '^https?://[^/]+') }}
{%- endmacro %}
