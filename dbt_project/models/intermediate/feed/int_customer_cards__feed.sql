{{ config(materialized=inlined()) }}
-- Customers; of a source that gives none of its own (a report that 1C saved) those whom its documents name.
{{ feed_customer_cards('feed') }}

union all

select distinct
    {{ crm_key('named._source', 'named.customer_id') }} as card_key,
    named._source as source,
    named.customer_id as source_customer_id,
    'company' as card_kind,
    named.customer_id as customer_name,
    'unknown' as customer_type,
    cast(null as {{ text_type() }}) as tax_id,
    cast(null as {{ text_type() }}) as kpp,
    cast(null as {{ text_type() }}) as city,
    cast(null as {{ text_type() }}) as manager_ref,
    cast(null as {{ text_type() }}) as parent_card_key,
    {{ cast_as('null', 'timestamptz') }} as created_at,
    {{ is_technical_customer('named._source', 'named.customer_id', 'named.customer_id') }} as is_technical,
    false as is_marked,
    cast(null as {{ text_type() }}) as source_url
from (
    {%- for model in ['stg_feed__sales', 'stg_feed__orders', 'stg_feed__payments'] %}
    select
        _source,
        customer_id
    from {{ ref(model) }}
    where not is_deleted and customer_id is not null
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
) as named
where
    named._source not in (select _source from {{ ref('stg_feed__customers') }})
    and named._source not in (select _source from {{ ref('stg_feed__contacts') }})
