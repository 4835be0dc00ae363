select
    {{ crm_key('_source', '_key') }} as lead_key,
    _source as source,
    -- 1С:CRM tells no moment of creation that is public
    coalesce({{ source_instant('created_at') }}, _loaded_at) as created_at,
    case when closed_at is not null then {{ source_instant('closed_at') }} end as closed_at,
    case
        when counterparty_id is not null then 'converted'
        when {{ text_matches(lower_case('completion'), 'некачеств|отказ|неуспе') }} then 'lost'
        when {{ text_matches(lower_case('completion'), 'покупател|успе') }} then 'converted'
        when closed_at is not null then 'lost'
        else 'open'
    end as lead_status,
    cast(null as {{ text_type() }}) as deal_key,
    {{ crm_key('_source', 'counterparty_id') }} as company_card_key,
    cast(null as {{ text_type() }}) as contact_card_key,
    {{ crm_key('_source', 'responsible_id') }} as manager_ref,
    cast(null as {{ text_type() }}) as utm_source,
    cast(null as {{ text_type() }}) as utm_medium,
    cast(null as {{ text_type() }}) as utm_campaign,
    cast(null as {{ text_type() }}) as crm_source,
    cast(null as {{ text_type() }}) as loss_reason
from {{ ref('stg_onec__leads') }}
where not is_deleted and not coalesce(is_marked, false)
