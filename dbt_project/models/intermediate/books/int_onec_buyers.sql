{{ config(materialized=inlined()) }}

-- Cards that documents of sale or opening debts name as the buyer: what makes a card a customer where the catalog does not say so (БП), or
-- says no.
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
        opening._source,
        opening.configuration,
        coalesce(opening.partner_id, partner_keys.partner_id) as partner_id,
        coalesce(opening.counterparty_id, partner_keys.counterparty_id) as counterparty_id
    from {{ ref('stg_onec__receivables_opening_balance') }} as opening
    left join {{ ref('stg_onec__partner_keys') }} as partner_keys
        on opening._source = partner_keys._source and opening.partner_key_id = partner_keys._key
    where not opening.is_deleted

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
