{{ config(materialized=inlined()) }}
{%- set no_money = 'отклон|отмен|ошиб|не проведен|обработ|ожида|fail|declin|cancel|reject|pending|error|в работе' %}
select
    {{ crm_key('_source', '_key') }} as payment_key,
    _source as source,
    'registry' as seen_by,
    payment_id as service_id,
    {{ source_instant('coalesce(paid_wall, cast(paid_on as timestamp))') }} as paid_at,
    case
        when amount < 0 or coalesce({{ text_matches(lower_case('operation'), 'возврат|refund|chargeback|reversal') }}, false) then 'out'
        else 'in'
    end as direction,
    abs(amount) as amount,
    coalesce(currency_code, '{{ var("base_currency") }}') as currency_code,
    order_ref as order_ref,
    description as description,
    {{ cast_as('null', 'varchar') }} as fiscal_key
from {{ ref('stg_payment_registry__payments') }}
where
    not is_deleted
    and amount <> 0
    and paid_on is not null
    and not coalesce({{ text_matches(lower_case('payment_status'), no_money) }}, false)
