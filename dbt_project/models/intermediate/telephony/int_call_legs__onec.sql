{{ config(materialized=inlined()) }}
-- «ТелефонныйЗвонок» of 1C, as 1С:CRM, telephony panels and СофтФон write it: who talked with whom and when, but neither how long nor
-- whether anybody answered (feeds.md 1.5). The exchange's own record of the same call tells these; without one it counts as answered.
select
    _source as source,
    _source || ':call:' || _key as call_group,
    _key as leg_id,
    {{ source_instant('document_at') }} as started_at,
    case when is_incoming then 'in' else 'out' end as direction,
    phone,
    case
        when contact_type like '%Catalog_Партнеры' then _source || ':partner:' || contact_id
        when contact_type like '%Catalog_Контрагенты' then {{ onec_counterparty_key('_source', 'configuration', 'contact_id') }}
    end as card_key,
    {{ cast_as('null', 'varchar') }} as deal_key,
    _source || ':' || responsible_id as manager_ref,
    {{ cast_as('0', 'integer') }} as talk_seconds,
    true as is_answered,
    false as adds_up,
    false as is_robot,
    false as is_internal,
    {{ cast_as('null', 'integer') }} as wait_seconds,
    {{ cast_as('null', 'varchar') }} as extension,
    false as is_exchange
from {{ ref('stg_onec__phone_calls') }}
where not is_deleted and not coalesce(is_marked, false) and document_at is not null
