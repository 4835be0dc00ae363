{{ config(materialized=read_through()) }}

with

fields as (

    select
        source,
        source_customer_id,
        field_kind,
        field_text,
        field_values
    from {{ ref('int_amocrm_card_fields') }}
    where field_kind is not null

),

multiple as (

    select *
    from fields
    where field_kind in ('phone', 'email')

),

contact_values as (

    {{ explode_json('multiple', 'field_values', {
        'field_text': 'value',
    }, ['source', 'source_customer_id', 'field_kind']) }}

),

cards as (

    select
        source,
        source_customer_id
    from {{ ref('int_customer_cards__amocrm') }}

),

found as (

    select
        source,
        source_customer_id,
        field_kind as identifier_kind,
        field_text as identifier_value
    from contact_values

    union all

    select
        source,
        source_customer_id,
        field_kind as identifier_kind,
        field_text as identifier_value
    from fields
    where field_kind in ('tax_id', 'crm_code')

)

select distinct
    {{ crm_key('found.source', 'found.source_customer_id') }} as card_key,
    found.identifier_kind,
    found.identifier_value
from found
inner join cards
    on found.source = cards.source and found.source_customer_id = cards.source_customer_id
where found.identifier_value is not null
