with

records as (

    select * from {{ source('spreadsheet', 'customer_matches') }}

)

{{ json_fields('records', {
    'source_a': 'source_a',
    'source_customer_id_a': 'source_customer_id_a',
    'source_b': 'source_b',
    'source_customer_id_b': 'source_customer_id_b',
    'is_same': ['is_same', 'boolean'],
}) }}
