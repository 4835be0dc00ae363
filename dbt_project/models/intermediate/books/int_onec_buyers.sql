{{ config(materialized=inlined()) }}

-- Cards that documents of sale name as the buyer: what makes a card a customer where the catalog does not say so (БП), or says no.
{%- set documents = ['orders', 'shipments', 'retail_receipts'] %}

with

named as (
    {% for stream in documents %}
    select
        _source,
        configuration,
        partner_id,
        counterparty_id
    from {{ ref('stg_onec__' ~ stream) }}
    where partner_id is not null or counterparty_id is not null
    group by _source, configuration, partner_id, counterparty_id

    union all
    {% endfor %}
    select
        _source,
        configuration,
        partner_id,
        counterparty_id
    from {{ ref('stg_onec__bank_receipts') }}
    where
        operation in (
            select operation
            from {{ ref('payment_operations') }}
            where kind = 'customer'
        )
    group by _source, configuration, partner_id, counterparty_id

    union all

    select
        register._source,
        cast(null as {{ text_type() }}) as configuration,
        register.partner_id,
        register.counterparty_id
    from {{ ref('stg_onec__sales_register_rows') }} as register
    group by register._source, register.partner_id, register.counterparty_id

)

select distinct card_key
from (
    select _source || ':partner:' || partner_id as card_key from named

    union all

    select {{ onec_counterparty_key('_source', 'configuration', 'counterparty_id') }} as card_key from named
) as cards
where card_key is not null
