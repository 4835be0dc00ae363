{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('client_bank', 'documents') }}

)

{{ json_fields('records', {
    'document_number': 'Номер',
    'document_date': ['_date', 'date'],
    'executed_on': ['_executed_on', 'date'],
    'direction': '_direction',
    'amount': ['_amount', 'money'],
    'currency_code': '_currency',
    'account': '_account',
    'counter_account': '_counter_account',
    'counterparty_name': '_counterparty',
    'tax_id': '_tax_id',
    'kpp': '_kpp',
    'purpose': '_purpose',
}) }}
