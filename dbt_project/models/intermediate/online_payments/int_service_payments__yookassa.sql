{{ config(materialized=inlined()) }}
-- Money is what was captured; the date of revenue is the capture (feeds.md 2.0). A refund belongs to the order of its payment.
with

payments as (

    select
        *,
        coalesce(
            {%- for source in var('sources', []) if source.system == 'yookassa' and source.get('order_field') %}
            case when _source = {{ text_literal(source.name) }} then {{ json_text('metadata', source.order_field) }} end,
            {%- endfor %}
            order_id
        ) as order_ref
    from {{ ref('stg_yookassa__payments') }}
    where not is_deleted

),

fiscal as (

    select
        _source,
        coalesce(refund_id, payment_id) as document_id,
        min(fiscal_drive || ':' || fiscal_document) as fiscal_key
    from {{ ref('stg_yookassa__receipts') }}
    where not is_deleted
    group by _source, coalesce(refund_id, payment_id)

),

money as (

    select
        _source,
        payment_id as document_id,
        coalesce(captured_at, created_at) as paid_at,
        'in' as direction,
        amount,
        currency_code,
        order_ref,
        description
    from payments
    where payment_status = 'succeeded' and not coalesce(is_test, false)

    union all

    select
        refunds._source as _source,
        refunds.refund_id as document_id,
        refunds.created_at as paid_at,
        'out' as direction,
        refunds.amount as amount,
        refunds.currency_code as currency_code,
        payments.order_ref as order_ref,
        coalesce(refunds.description, payments.description) as description
    from {{ ref('stg_yookassa__refunds') }} as refunds
    left join payments on refunds._source = payments._source and refunds.payment_id = payments.payment_id
    where not refunds.is_deleted and refunds.refund_status = 'succeeded' and not coalesce(payments.is_test, false)

)

select
    {{ crm_key('money._source', 'money.document_id') }} as payment_key,
    money._source as source,
    'service' as seen_by,
    money.document_id as service_id,
    money.paid_at as paid_at,
    money.direction as direction,
    money.amount as amount,
    money.currency_code as currency_code,
    money.order_ref as order_ref,
    money.description as description,
    fiscal.fiscal_key as fiscal_key
from money
left join fiscal on money._source = fiscal._source and money.document_id = fiscal.document_id
where money.amount > 0 and money.paid_at is not null
