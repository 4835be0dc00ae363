{{ config(materialized=inlined()) }}
-- The purpose of a payment in a bank statement.
select
    {{ crm_key('_source', '_key') }} as document_key,
    purpose as payment_text
from {{ ref('stg_client_bank__documents') }}
where not is_deleted and purpose is not null
