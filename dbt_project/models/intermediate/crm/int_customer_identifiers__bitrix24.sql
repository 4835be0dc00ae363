{{ config(materialized=read_through()) }}

with

cards as (

    select
        _source as source,
        'contact:' || contact_id as source_customer_id,
        tax_id,
        origin_id,
        crm_code,
        phones,
        emails,
        multifields
    from {{ ref('stg_bitrix24__contacts') }}
    where not is_deleted

    union all

    select
        _source as source,
        'company:' || company_id as source_customer_id,
        tax_id,
        origin_id,
        crm_code,
        phones,
        emails,
        multifields
    from {{ ref('stg_bitrix24__companies') }}
    where not is_deleted and not is_own_company

),

phone_values as (

    {{ explode_json('cards', 'phones', {'field_text': 'VALUE|value'}, ['source', 'source_customer_id']) }}

),

email_values as (

    {{ explode_json('cards', 'emails', {'field_text': 'VALUE|value'}, ['source', 'source_customer_id']) }}

),

multifield_values as (

    {{ explode_json('cards', 'multifields', {
        'type_id': 'typeId|TYPE_ID',
        'field_text': 'value|VALUE',
    }, ['source', 'source_customer_id']) }}

),

found as (

    select
        source,
        source_customer_id,
        'phone' as identifier_kind,
        field_text as identifier_value
    from phone_values

    union all

    select
        source,
        source_customer_id,
        'email' as identifier_kind,
        field_text as identifier_value
    from email_values

    union all

    select
        source,
        source_customer_id,
        {{ lower_case('type_id') }} as identifier_kind,
        field_text as identifier_value
    from multifield_values
    where {{ upper_case('type_id') }} in ('PHONE', 'EMAIL')

    union all

    select
        source,
        source_customer_id,
        'tax_id' as identifier_kind,
        tax_id as identifier_value
    from cards

    union all

    select
        source,
        source_customer_id,
        'crm_code' as identifier_kind,
        crm_code as identifier_value
    from cards

    union all

    -- what an exchange with 1C leaves in a card: the id of the record it came from
    select
        source,
        source_customer_id,
        'crm_code' as identifier_kind,
        origin_id as identifier_value
    from cards

)

select distinct
    {{ crm_key('source', 'source_customer_id') }} as card_key,
    identifier_kind,
    identifier_value
from found
where identifier_value is not null
