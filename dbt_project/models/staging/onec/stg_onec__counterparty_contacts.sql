{%- set fields = {
    'contact_type': 'Тип',
    'email': 'АдресЭП',
    'phone': 'НомерТелефона',
    'presentation': 'Представление',
    'city': 'Город',
} -%}

with

documents as (

    select * from {{ ref('stg_onec__counterparties') }}

),

rows_sent as (

    {{ explode_json('documents', 'contacts', fields, ['_source', '_key', '_load_id']) }}

)

select
    _source,
    _key,
    _load_id,
    {{ cast_as('item_number', 'integer') }} as line_number,
    contact_type,
    email,
    phone,
    presentation,
    city,
    _uncast_fields
from rows_sent
