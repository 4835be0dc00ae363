{{ config(materialized=inlined()) }}

select
    _source,
    lead_id,
    coalesce({{ crm_key('_source', 'company_id', 'company') }}, {{ crm_key('_source', 'contact_id', 'contact') }}) as card_key
from {{ ref('stg_bitrix24__leads') }}
where not is_deleted and lead_id is not null
