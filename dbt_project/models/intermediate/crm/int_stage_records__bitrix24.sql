{{ config(materialized=inlined()) }}

with

bitrix24_statuses as (

    select
        statuses._source,
        case when statuses.entity_id = 'DEAL_STAGE' then '0' else substring(statuses.entity_id, 12) end as pipeline_id,
        statuses.status_id as stage_id,
        statuses.status_name as stage_name,
        statuses.sort,
        case
            when {{ lower_case('statuses.semantics') }} in ('s', 'success') then 'won'
            when {{ lower_case('statuses.semantics') }} in ('f', 'failure', 'apology') then 'lost'
            else 'open'
        end as stage_kind
    from {{ ref('stg_bitrix24__statuses') }} as statuses
    where
        not statuses.is_deleted
        and (statuses.entity_id = 'DEAL_STAGE' or substring(statuses.entity_id, 1, 11) = 'DEAL_STAGE_')

)

select
    statuses._source as source,
    statuses.pipeline_id,
    categories.category_name as pipeline_name,
    statuses.stage_id,
    statuses.stage_name,
    statuses.sort,
    statuses.stage_kind,
    false as is_unsorted
from bitrix24_statuses as statuses
left join {{ ref('stg_bitrix24__categories') }} as categories
    on
        statuses._source = categories._source
        and statuses.pipeline_id = categories.category_id
        and not categories.is_deleted
