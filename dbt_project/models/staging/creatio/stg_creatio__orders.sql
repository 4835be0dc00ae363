{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('creatio', 'orders') }}

),

parsed as (

    {{ json_fields('records', {
        'order_id': 'Id',
        'order_number': 'Number',
        'ordered_at': ['Date|CreatedOn', 'instant'],
        'account_id': ['AccountId', 'ref'],
        'contact_id': ['ContactId', 'ref'],
        'owner_id': ['OwnerId', 'ref'],
        'opportunity_id': ['OpportunityId', 'ref'],
        'amount': ['Amount', 'money'],
        'vat': ['TaxAmount', 'money'],
        'currency_id': ['CurrencyId', 'ref'],
        'status_id': ['StatusId', 'ref'],
        'due_at': ['DueDate', 'instant'],
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
    parsed.order_number as order_number,
    {{ business_date('parsed.ordered_at') }} as order_date,
    coalesce(parsed.account_id, 'contact:' || parsed.contact_id) as customer_id,
    parsed.owner_id as manager_id,
    parsed.opportunity_id as deal_id,
    parsed.amount as amount,
    parsed.vat as vat,
    currency.code as currency_code,
    -- the dictionary does not say what a status means
    case
        when {{ text_matches(lower_case('status.record_name'), 'отмен|cancel') }} then 'cancelled'
        when {{ text_matches(lower_case('status.record_name'), 'заверш|выполнен$|complet|closed') }} then 'closed'
        else 'open'
    end as order_status,
    {{ business_date('parsed.due_at') }} as due_date,
    cast(null as {{ text_type() }}) as organisation_id
from parsed
left join {{ ref('stg_creatio__names') }} as currency
    on parsed._source = currency._source and currency.stream = 'currencies' and parsed.currency_id = currency.record_id
left join {{ ref('stg_creatio__names') }} as status
    on parsed._source = status._source and status.stream = 'order_statuses' and parsed.status_id = status.record_id
