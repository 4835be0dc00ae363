{#-
    Counts of every raw table that a source of this project declares; the loader's ledger says when each stream was last looked at.
    1C keeps no modification time: the newest record of a stream is the one dated last, no later than the build's day.
-#}
{%- set dated_streams = {
    'claims': ['stg_onec__claims', 'registered_at'],
    'currency_rates': ['stg_onec__currency_rates', 'rate_date'],
    'sales_register': ['stg_onec__sales_register_rows', 'period'],
} -%}
{%- for stream in [
    'orders', 'shipments', 'returns', 'retail_receipts', 'retail_returns', 'retail_reports', 'bank_receipts', 'bank_payments',
    'cash_receipts', 'cash_payments', 'card_operations', 'money_transfers', 'phone_calls', 'events',
] -%}
    {%- do dated_streams.update({stream: ['stg_onec__' ~ stream, 'document_at']}) -%}
{%- endfor -%}
{%- set streams = [] -%}
{%- if execute -%}
    {%- for node in graph.sources.values()
        if node.schema == 'raw' and not node.identifier.endswith('__versions') and node.identifier.split('__')[0] not in var('unused_systems') -%}
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

dated as (
    {% for stream, place in dated_streams.items() %}
    select
        _source as source,
        '{{ stream }}' as stream,
        max({{ cast_as(place[1], 'timestamp') }}) as newest_wall_at
    from {{ ref(place[0]) }}
    where cast({{ place[1] }} as date) <= {{ as_of_date() }}
    group by _source
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

known as (

    select
        coalesce(cursors.source, counted.source) as source,
        coalesce(cursors.stream, counted.stream) as stream,
        coalesce(counted.rows_total, 0) as rows_total,
        coalesce(counted.rows_deleted, 0) as rows_deleted,
        -- a refresh that finds nothing new writes no row, and the stream is fresh all the same
        greatest(counted.last_loaded_at, coalesce(cursors.extracted_at, counted.last_loaded_at), cursors.extracted_at) as last_loaded_at,
        coalesce(counted.newest_record_at, {{ source_instant('dated.newest_wall_at', 'dated.source') }}) as newest_record_at
    from counted
    full join {{ source('skvoz_meta', 'cursors') }} as cursors
        on counted.source = cursors.source and counted.stream = cursors.stream
    left join dated on counted.source = dated.source and counted.stream = dated.stream

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

),

configured as (

    {%- for one in var('sources', []) %}
    select
        {{ text_literal(one.name) }} as source,
        {{ text_literal(one.type) }} as source_type,
        {{ cast_as(text_literal(one.title) if one.title else 'null', 'varchar') }} as source_title

    union all
    {%- endfor %}

    select
        '' as source,
        {{ cast_as('null', 'varchar') }} as source_type,
        {{ cast_as('null', 'varchar') }} as source_title

)

select
    known.source as source,
    known.stream as stream,
    {{ cast_as('known.rows_total', 'bigint') }} as rows_total,
    {{ cast_as('known.rows_deleted', 'bigint') }} as rows_deleted,
    known.last_loaded_at as last_loaded_at,
    known.newest_record_at as newest_record_at,
    known.last_loaded_at is null
    or {{ hours_between('known.last_loaded_at', now_instant()) }}
    > coalesce(limits.hours, {{ var('stale_after_hours') }}) as is_stale,
    configured.source_type as source_type,
    configured.source_title as source_title
from known
left join limits on known.source || '.' || known.stream = limits.name
left join configured on known.source = configured.source
-- the calendar is ours, not a system of the company
where known.source <> 'skvoz'
