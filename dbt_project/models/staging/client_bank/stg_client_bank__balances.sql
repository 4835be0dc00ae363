{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('client_bank', 'balances') }}

)

{{ json_fields('records', {
    'account': 'РасчСчет',
    'currency_code': '_currency',
    'date_from': ['_date_from', 'date'],
    'date_to': ['_date_to', 'date'],
    'opening_balance': ['_opening|НачальныйОстаток', 'money'],
    'closing_balance': ['_closing|КонечныйОстаток', 'money'],
}) }}
