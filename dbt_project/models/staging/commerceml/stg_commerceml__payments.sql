{{ config(materialized=inlined()) }}
{%- set written_at = safe_cast(cast_as('document_date', 'varchar') ~ " || ' ' || document_time", 'timestamp') %}
select
    _source,
    is_deleted,
    document_id as payment_id,
    {{ source_instant("coalesce(" ~ written_at ~ ", cast(document_date as timestamp))") }} as paid_at,
    case when operation like 'Возврат%' or is_given_back then 'out' else 'in' end as direction,
    amount,
    currency_code,
    rate,
    customer_id,
    order_id,
    cast(null as {{ text_type() }}) as deal_id,
    case
        when operation = 'Эквайринговая операция' then 'card'
        when operation like '%безналичных%' then 'bank'
        else 'cash'
    end as payment_method,
    cast(null as {{ text_type() }}) as organisation_id
from {{ ref('stg_commerceml__kept_documents') }}
where
    operation in (
        'Выплата безналичных денег', 'Выплата наличных денег', 'Эквайринговая операция',
        'Возврат безналичных денег', 'Возврат наличных денег'
    )
    and not is_cancelled
    and not is_undone
