{{ config(materialized=inlined()) }}

with

records as (

    select
        *,
        _seen_at as _loaded_at
    from {{ source('bitrix24', 'currencies__versions') }}

)

{{ json_fields('records', {
    'currency_code': 'CURRENCY|currency',
    'amount': ['AMOUNT|amount', 'rate'],
    'amount_count': ['AMOUNT_CNT|amountCnt', 'rate'],
    'updated_date': ['DATE_UPDATE|dateUpdate', 'date'],
}) }}
