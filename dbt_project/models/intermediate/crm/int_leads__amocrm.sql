with

told_fields as (

    {{ explode_json(ref('stg_amocrm__unsorted'), 'custom_fields', {
        'field_id': 'field_id',
        'field_code': 'field_code',
        'field_name': 'field_name',
        'field_text': 'values[0].value',
        'enum_id': 'values[0].enum_id',
    }, ['_source', '_key']) }}

),

enumerations as (

    {{ explode_json(ref('stg_amocrm__custom_fields'), 'enums', {
        'enum_id': 'id',
        'enum_text': 'value',
    }, ['_source', 'field_id']) }}

),

lead_fields as (

    select
        told_fields._source as _source,
        told_fields._key as _key,
        told_fields.field_code as field_code,
        told_fields.field_name as field_name,
        -- a select may carry only the id of its value
        coalesce(told_fields.field_text, enumerations.enum_text) as field_text
    from told_fields
    left join enumerations
        on
            told_fields._source = enumerations._source
            and told_fields.field_id = enumerations.field_id
            and told_fields.enum_id = enumerations.enum_id

),

marks as (

    select
        _source,
        _key
        {%- for mark in ['utm_source', 'utm_medium', 'utm_campaign'] %},
        coalesce(
            max(case when {{ lower_case('field_code') }} = '{{ mark }}' then field_text end),
            max(case when {{ text_replace_pattern(lower_case('field_name'), '[ -]+', '_') }} = '{{ mark }}' then field_text end)
        ) as {{ mark }}
        {%- endfor %},
        max(case when {{ lower_case('field_name') }} in {{ crm_field_names('crm_source') }} then field_text end) as crm_source
    from lead_fields
    group by _source, _key

),

told as (

    select
        unsorted._source as _source,
        unsorted._key as _key,
        unsorted.created_at as created_at,
        unsorted.lead_id as lead_id,
        unsorted.company_id as company_id,
        unsorted.contact_id as contact_id,
        unsorted.category as category,
        {%- for mark in ['utm_source', 'utm_medium', 'utm_campaign'] %}
        coalesce(
            marks.{{ mark }},
            {{ text_extract_pattern('unsorted.referer', '[?&]' ~ mark ~ '=([^&#]+)', 1) }}
        ) as {{ mark }},
        {%- endfor %}
        marks.crm_source as crm_source
    from {{ ref('stg_amocrm__unsorted') }} as unsorted
    left join marks on unsorted._source = marks._source and unsorted._key = marks._key
    where not unsorted.is_deleted

),

deals as (

    select
        records.deal_key,
        records.source,
        records.deal_id,
        records.created_at,
        records.utm_source,
        records.utm_medium,
        records.utm_campaign,
        records.crm_source,
        stages.is_unsorted
    from {{ ref('int_deal_records__amocrm') }} as records
    inner join {{ ref('int_stages') }} as stages on records.stage_key = stages.stage_key

)

select
    {{ crm_key('told._source', 'told._key', 'unsorted') }} as lead_key,
    told._source as source,
    told.created_at as created_at,
    case when not deals.is_unsorted then deals.created_at end as closed_at,
    -- an accepted enquiry leaves the list; until the list is read again the deal tells it
    case when not deals.is_unsorted then 'converted' else 'open' end as lead_status,
    deals.deal_key,
    {{ crm_key('told._source', 'told.company_id', 'company') }} as company_card_key,
    {{ crm_key('told._source', 'told.contact_id', 'contact') }} as contact_card_key,
    cast(null as {{ text_type() }}) as manager_ref,
    -- an enquiry may name its deal by id alone: where it tells no mark itself, the deal's own are its marks
    {%- for mark in ['utm_source', 'utm_medium', 'utm_campaign'] %}
    case
        when coalesce(told.utm_source, told.utm_medium, told.utm_campaign) is null then deals.{{ mark }}
        else told.{{ mark }}
    end as {{ mark }},
    {%- endfor %}
    coalesce(
        told.crm_source,
        deals.crm_source,
        case told.category when 'sip' then 'call' when 'forms' then 'webform' when 'mail' then 'email' end
    ) as crm_source,
    cast(null as {{ text_type() }}) as loss_reason
from told
left join deals on told._source = deals.source and told.lead_id = deals.deal_id
