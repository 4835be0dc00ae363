{#- The configured sources come by var; without any the table is empty, so that a bare project still builds. -#}
{%- for source in var('sources', []) %}
select
    {{ text_literal(source.name) }} as source,
    '{{ source.system }}' as system,
    '{{ source.get("type", source.system) }}' as source_type,
    {{ cast_as(source.get('position', loop.index), 'integer') }} as position,
    '{{ source.get("timezone") or var("company_timezone") }}' as timezone,
    '{{ (source.get("country") or var("company_country")) }}' as country,
    nullif({{ text_literal(source.get('url') or '') }}, '') as url
{{ 'union all' if not loop.last }}
{%- else %}
select
    cast('' as varchar) as source,
    cast('' as varchar) as system,
    cast('' as varchar) as source_type,
    cast(0 as integer) as position,
    cast('' as varchar) as timezone,
    cast('' as varchar) as country,
    cast('' as varchar) as url
where false
{%- endfor %}
