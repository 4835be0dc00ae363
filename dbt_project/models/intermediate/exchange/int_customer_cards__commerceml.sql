{{ config(materialized=inlined()) }}
select
    {{ crm_key('_source', 'customer_id') }} as card_key,
    _source as source,
    customer_id as source_customer_id,
    'company' as card_kind,
    customer_name,
    case when length(tax_id) = 10 then 'company' when length(tax_id) = 12 then 'person' else 'unknown' end as customer_type,
    tax_id,
    kpp,
    cast(null as {{ text_type() }}) as city,
    cast(null as {{ text_type() }}) as manager_ref,
    cast(null as {{ text_type() }}) as parent_card_key,
    {{ cast_as('null', 'timestamptz') }} as created_at,
    {{ is_technical_customer('_source', 'customer_id', 'customer_name') }} as is_technical,
    false as is_marked,
    cast(null as {{ text_type() }}) as source_url
from {{ ref('stg_commerceml__customers') }}
