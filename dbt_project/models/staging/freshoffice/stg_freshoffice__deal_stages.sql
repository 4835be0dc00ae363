-- FreshOffice keeps no history of stages: what the runs have seen of a deal is its history. An entry is at the moment of the run that saw the
-- deal there first; its _key begins with «seen:», by which int_deal_stage_entries tells such entries from those of a system's own history.
{{ config(materialized=inlined()) }}

with

records as (

    select
        *,
        _seen_at as _loaded_at
    from {{ source('freshoffice', 'deals__versions') }}
    where not _deleted

),

parsed as (

    {{ json_fields('records', {
        'deal_id': 'id_deal|id|ID',
        'type_id': 'id_type_deal|type_id',
        'status_id': 'id_status_deal|status_id',
    }) }}
),

placed as (

    select
        _source,
        _modified_at,
        _loaded_at,
        _load_id,
        deal_id,
        case when status_id is not null then type_id end as pipeline_id,
        coalesce(status_id, type_id) as stage_id,
        {{ freshoffice_stage_kind('coalesce(status_id, type_id)') }} as stage_kind,
        row_number() over (partition by _source, deal_id order by _loaded_at, _load_id) as place
    from parsed
    where deal_id is not null and coalesce(status_id, type_id) is not null

)

select
    placed._source as _source,
    'seen:' || lpad({{ cast_as('placed.place', 'varchar') }}, 9, '0') as _key,
    placed._modified_at as _modified_at,
    placed._loaded_at as _loaded_at,
    placed._load_id as _load_id,
    false as is_deleted,
    placed.deal_id as deal_id,
    placed.pipeline_id as pipeline_id,
    placed.stage_id as stage_id,
    placed.stage_kind as stage_kind,
    placed._loaded_at as entered_at
from placed
left join placed as earlier
    on placed._source = earlier._source and placed.deal_id = earlier.deal_id and placed.place = earlier.place + 1
where
    earlier.deal_id is null
    or placed.stage_id <> earlier.stage_id
    or not ({{ same_value('placed.pipeline_id', 'earlier.pipeline_id') }})
