{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('freshoffice', 'deals') }}

),

parsed as (

    {{ json_fields('records', {
        'deal_id': 'id_deal|id|ID',
        'deal_name': 'name|NAME',
        'type_id': 'id_type_deal|type_id',
        'status_id': 'id_status_deal|status_id',
        'company': 'companies_id|company_id',
        'contact': 'contact_id|contacts_id',
        'manager': 'id_manager|user_id|manager_id',
        'amount': ['sum|summa', 'money'],
        'created_text': 'date_start|date_create',
        'closed_text': 'date_finish',
        'order_ref': 'number_order',
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
    deal_name,
    case when status_id is not null then type_id end as pipeline_id,
    coalesce(status_id, type_id) as stage_id,
    {{ freshoffice_stage_kind('coalesce(status_id, type_id)') }} as stage_kind,
    {{ crm_id('company') }} as customer_id,
    {{ crm_id('contact') }} as contact_id,
    {{ crm_id('manager') }} as manager_id,
    amount,
    cast(null as {{ text_type() }}) as currency_code,
    {{ sent_moment('created_text') }} as created_at,
    {{ cast_as('null', 'timestamptz') }} as updated_at,
    -- of an open deal it is the planned end
    case
        when {{ freshoffice_stage_kind('coalesce(status_id, type_id)') }} <> 'open' then {{ sent_moment('closed_text') }}
    end as closed_at,
    cast(null as {{ text_type() }}) as loss_reason,
    cast(null as {{ text_type() }}) as utm_source,
    cast(null as {{ text_type() }}) as utm_medium,
    cast(null as {{ text_type() }}) as utm_campaign,
    cast(null as {{ text_type() }}) as crm_source,
    cast(null as {{ text_type() }}) as lead_id,
    order_ref,
    cast(null as {{ text_type() }}) as source_url
from parsed
