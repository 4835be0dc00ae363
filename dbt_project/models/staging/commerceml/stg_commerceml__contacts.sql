{{ config(materialized=inlined()) }}
-- How counterparties can be reached, as they were sent by themselves and as documents name them.
{%- set fields = {'contact_kind': 'Тип|"@Тип"', 'contact_value': 'Значение|"@Значение"'} %}
with

records as (

    select * from {{ source('commerceml', 'counterparties') }}

),

sent as (

    {{ json_fields('records', {'contacts': ['Контакты.Контакт', 'json']}) }}

),

sent_contacts as (

    {{ explode_json('sent', 'contacts', fields, ['_source', '_key', 'is_deleted']) }}

),

documents as (

    select * from {{ ref('stg_commerceml__kept_documents') }}

),

named_contacts as (

    {{ explode_json('documents', 'contacts', fields, ['_source', 'customer_id']) }}

),

contacts as (

    select
        _source,
        _key as customer_id,
        contact_kind,
        contact_value
    from sent_contacts
    where not is_deleted

    union all

    select
        _source,
        customer_id,
        contact_kind,
        contact_value
    from named_contacts
    where customer_id is not null

)

select distinct
    _source,
    customer_id,
    case when contact_value like '%@%' then 'email' else 'phone' end as identifier_kind,
    contact_value as identifier_value
from contacts
where contact_value like '%@%' or {{ lower_case("coalesce(contact_kind, '')") }} like '%телефон%'
