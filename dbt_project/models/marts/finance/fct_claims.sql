with

claims as (

    select
        claims.*,
        {{ onec_card_key('claims._source', 'claims.configuration', 'claims.partner_id', 'claims.counterparty_id') }} as customer_card_key,
        {{ lower_case("coalesce(claims.status, '')") }} as status_text,
        {{ lower_case("coalesce(claims.claim_kind, '')") }} as kind_text
    from {{ ref('stg_onec__claims') }} as claims
    where
        not claims.is_deleted
        and coalesce(claims.is_posted, true)
        and not coalesce(claims.is_marked, false)
        and claims.registered_at is not null

),

-- an act has no sum of its own and names its order in its lines
lines as (

    select
        _source,
        _key,
        min(order_id) as order_id,
        min(shipment_id) as shipment_id,
        abs(sum(amount - amount_told)) as difference
    from {{ ref('stg_onec__claim_lines') }}
    group by _source, _key

),

told as (

    select
        claims._source || ':' || claims._key as claim_key,
        claims._source as source,
        case
            when claims.kind_text in ('claim', 'return', 'discrepancy') then claims.kind_text
            when claims.kind_text like '%возврат%' or claims.entity like '%ЗаявкаНаВозврат%' then 'return'
            when claims.kind_text like '%расхожд%' or claims.entity like '%Расхождени%' then 'discrepancy'
            else 'claim'
        end as claim_type,
        cast(claims.registered_at as date) as registered_date,
        cast(claims.resolved_at as date) as resolved_date,
        links.customer_key as customer_key,
        coalesce(by_order.order_key, by_basis.order_key, by_shipment.order_key) as order_key,
        claims.reason as reason,
        {{ round_money('coalesce(claims.amount, lines.difference) * rates.rate_to_base') }} as amount_base,
        case
            when claims.status_text like 'не%удовлетвор%' or claims.status_text like '%отклон%' or claims.status_text = 'rejected' then 'rejected'
            when claims.status_text like '%удовлетвор%' or claims.status_text = 'satisfied' then 'satisfied'
            when claims.status_text like '%отработан%' then 'closed'
            when claims.status_text like '%квыполнению%' or claims.status_text like '%квозврату%' or claims.status_text = 'согласовано' then 'in_work'
            when claims.status_text like '%работ%' or claims.status_text like '%обраб%' or claims.status_text = 'in_work' then 'in_work'
            when claims.status_text like '%закры%' or claims.status_text like '%выполн%' then 'closed'
            else 'registered'
        end as claim_status
    from claims
    left join {{ ref('int_customer_links') }} as links on claims.customer_card_key = links.card_key
    left join lines on claims._source = lines._source and claims._key = lines._key
    left join {{ ref('int_order_references') }} as by_order
        on claims._source = by_order.source and coalesce(claims.order_id, lines.order_id) = by_order.reference_id
    left join {{ ref('int_order_references') }} as by_shipment
        on claims._source = by_shipment.source and lines.shipment_id = by_shipment.reference_id
    left join {{ ref('int_order_references') }} as by_basis on claims._source = by_basis.source and claims.basis_id = by_basis.reference_id
    left join {{ ref('int_onec_currencies') }} as currencies
        on claims._source = currencies.source and claims.currency_id = currencies.currency_id
    {{ join_rate('rates', 'coalesce(currencies.currency_code, ' ~ accounting_currency('claims._source') ~ ')', 'cast(claims.registered_at as date)') }}

)

select
    claim_key,
    source,
    claim_type,
    registered_date,
    resolved_date,
    customer_key,
    order_key,
    reason,
    amount_base,
    claim_status,
    case
        when resolved_date is not null then resolved_date > {{ as_of_date() }}
        else claim_status not in ('satisfied', 'rejected', 'closed')
    end as is_open,
    case when resolved_date <= {{ as_of_date() }} then {{ days_between('registered_date', 'resolved_date') }} end as days_to_resolve
from told
