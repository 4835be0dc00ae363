{{ config(materialized=inlined()) }}

with records as (
    select *
    from {{ source('bitrix24', 'currencies') }}
)

{{ json_fields('records', {
    'currency_code': 'CURRENCY|currency',
    'amount': ['AMOUNT|amount', 'rate'],
    'amount_count': ['AMOUNT_CNT|amountCnt', 'rate'],
    'is_base': ['BASE|base', 'boolean'],
    'updated_at': ['DATE_UPDATE|dateUpdate', 'instant'],
    'updated_date': ['DATE_UPDATE|dateUpdate', 'date'],
}) }}
