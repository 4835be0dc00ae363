{{ config(materialized=inlined()) }}
with

records as (

    select
        *,
        _seen_at as _loaded_at
    from {{ source('creatio', 'orders__versions') }}

),

parsed as (

    {{ json_fields('records', {
        'order_id': 'Id',
        'owner_id': ['OwnerId', 'ref'],
        'amount': ['Amount', 'money'],
        'status_id': ['StatusId', 'ref'],
    }) }}
)

select
    parsed._source as _source,
    parsed._key as _key,
    parsed._modified_at as _modified_at,
    parsed._loaded_at as _loaded_at,
    parsed._load_id as _load_id,
    parsed.is_deleted as is_deleted,
    parsed.order_id as order_id,
    parsed.owner_id as manager_id,
    parsed.amount as amount,
    coalesce(status.record_name, parsed.status_id) as order_status
from parsed
left join {{ ref('stg_creatio__names') }} as status
    on parsed._source = status._source and status.stream = 'order_statuses' and parsed.status_id = status.record_id
