{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('creatio', 'opportunities') }}

),

parsed as (

    {{ json_fields('records', {
        'deal_id': 'Id',
        'deal_name': 'Title',
        'stage_id': ['StageId', 'ref'],
        'account_id': ['AccountId', 'ref'],
        'contact': ['ContactId', 'ref'],
        'owner_id': ['OwnerId', 'ref'],
        'amount': ['Amount', 'money'],
        'budget': ['Budget', 'money'],
        'currency_id': ['CurrencyId', 'ref'],
        'reason_id': ['CloseReasonId', 'ref'],
        'lead': ['MainLeadId|LeadId', 'ref'],
        'created_at': ['CreatedOn', 'instant'],
        'updated_at': ['ModifiedOn', 'instant'],
        'order_number': 'UsrOrderNumber',
    }) }}
)

select
    parsed._source as _source,
    parsed._key as _key,
    parsed._modified_at as _modified_at,
    parsed._loaded_at as _loaded_at,
    parsed._load_id as _load_id,
    parsed.is_deleted as is_deleted,
    parsed.deal_id as deal_id,
    parsed.deal_name as deal_name,
    cast(null as {{ text_type() }}) as pipeline_id,
    parsed.stage_id as stage_id,
    -- what a stage means is in its dictionary
    cast(null as {{ text_type() }}) as stage_kind,
    parsed.account_id as customer_id,
    parsed.contact as contact_id,
    parsed.owner_id as manager_id,
    coalesce(nullif(parsed.amount, 0), parsed.budget, 0) as amount,
    currency.code as currency_code,
    parsed.created_at as created_at,
    parsed.updated_at as updated_at,
    -- DueDate is the planned day: the moment of closing is that of the last stage
    {{ cast_as('null', 'timestamptz') }} as closed_at,
    reason.record_name as loss_reason,
    cast(null as {{ text_type() }}) as utm_source,
    cast(null as {{ text_type() }}) as utm_medium,
    cast(null as {{ text_type() }}) as utm_campaign,
    cast(null as {{ text_type() }}) as crm_source,
    parsed.lead as lead_id,
    parsed.order_number as order_ref,
    cast(null as {{ text_type() }}) as source_url
from parsed
left join {{ ref('stg_creatio__names') }} as reason
    on parsed._source = reason._source and reason.stream = 'close_reasons' and parsed.reason_id = reason.record_id
left join {{ ref('stg_creatio__names') }} as currency
    on parsed._source = currency._source and currency.stream = 'currencies' and parsed.currency_id = currency.record_id
