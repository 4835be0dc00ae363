{#- Counts of every raw table that a source of this project declares; the loader's ledger says when each stream was last looked at. -#}
{%- set streams = [] -%}
{%- if execute -%}
    {%- for node in graph.sources.values() if node.schema == 'raw' and not node.identifier.endswith('__versions') -%}
        {%- do streams.append(node.identifier) -%}
    {%- endfor -%}
{%- endif -%}
with

counted as (

    {%- for stream in streams | unique | sort %}
    select
        _source as source,
        '{{ stream.split("__", 1)[1] }}' as stream,
        count(*) as rows_total,
        sum(case when _deleted then 1 else 0 end) as rows_deleted,
        max(_loaded_at) as last_loaded_at,
        max(_modified_at) as newest_record_at
    from raw.{{ stream }}
    group by _source

    union all
    {%- endfor %}

    select
        {{ cast_as("null", "varchar") }} as source,
        {{ cast_as("null", "varchar") }} as stream,
        {{ cast_as("0", "bigint") }} as rows_total,
        {{ cast_as("0", "bigint") }} as rows_deleted,
        {{ cast_as("null", "timestamptz") }} as last_loaded_at,
        {{ cast_as("null", "timestamptz") }} as newest_record_at

),

known as (

    select
        coalesce(cursors.source, counted.source) as source,
        coalesce(cursors.stream, counted.stream) as stream,
        coalesce(counted.rows_total, 0) as rows_total,
        coalesce(counted.rows_deleted, 0) as rows_deleted,
        -- a refresh that finds nothing new writes no row, and the stream is fresh all the same
        greatest(counted.last_loaded_at, coalesce(cursors.extracted_at, counted.last_loaded_at), cursors.extracted_at) as last_loaded_at,
        counted.newest_record_at
    from counted
    full join {{ source('skvoz_meta', 'cursors') }} as cursors
        on counted.source = cursors.source and counted.stream = cursors.stream

),

limits as (

    {%- for name, hours in var('stale_after_hours_by_stream', {}).items() %}
    select
        '{{ name }}' as name,
        {{ hours }} as hours

    union all
    {%- endfor %}

    select
        '' as name,
        0 as hours

)

select
    known.source,
    known.stream,
    {{ cast_as('known.rows_total', 'bigint') }} as rows_total,
    {{ cast_as('known.rows_deleted', 'bigint') }} as rows_deleted,
    known.last_loaded_at,
    known.newest_record_at,
    known.last_loaded_at is null
    or {{ hours_between('known.last_loaded_at', now_instant()) }}
    > coalesce(limits.hours, {{ var('stale_after_hours') }}) as is_stale
from known
left join limits on known.source || '.' || known.stream = limits.name
-- the calendar is ours, not a system of the company
where known.source <> 'skvoz'
