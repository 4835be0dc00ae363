{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('bitrix24_bi', 'deal_stage_history') }}

),

parsed as (

    {{ json_fields('records', {
        'deal_id': 'DEAL_ID',
        'entered_text': 'DATE_CREATE',
        'category_id': 'CATEGORY_ID',
        'stage_id': 'STAGE_ID',
        'stage_name': 'STAGE_NAME',
        'pipeline_name': 'CATEGORY_NAME',
        'semantic': 'STAGE_SEMANTIC_ID',
        'assigned_by_id': 'ASSIGNED_BY_ID',
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    deal_id,
    {{ sent_moment('entered_text') }} as entered_at,
    {{ bitrix24_pipeline('stage_id', 'category_id') }} as pipeline_id,
    pipeline_name,
    stage_id,
    stage_name,
    case {{ upper_case('semantic') }} when 'S' then 'won' when 'F' then 'lost' else 'open' end as stage_kind,
    {{ crm_id('assigned_by_id') }} as manager_id
from parsed
