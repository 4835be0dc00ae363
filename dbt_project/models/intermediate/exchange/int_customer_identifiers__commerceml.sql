{{ config(materialized=inlined()) }}
select
    {{ crm_key('_source', 'customer_id') }} as card_key,
    'tax_id' as identifier_kind,
    tax_id as identifier_value
from {{ ref('stg_commerceml__customers') }}
where tax_id is not null

union all

select
    {{ crm_key('_source', 'customer_id') }} as card_key,
    identifier_kind,
    identifier_value
from {{ ref('stg_commerceml__contacts') }}
