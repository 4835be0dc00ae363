{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'bank_opening_balance') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'account': '_account',
    'opened_at': ['_balance_at', 'timestamp'],
    'organisation_id': ['Организация_Key', 'ref'],
    'bank_account_id': ['БанковскийСчет_Key|БанковскийСчет', 'ref'],
    'cash_desk_id': ['Касса_Key|Касса', 'ref'],
    'money_place_id': ['БанковскийСчетКасса', 'ref'],
    'dimension_id': ['ExtDimension1', 'ref'],
    'dimension_type': 'ExtDimension1_Type',
    'currency_id': ['Валюта_Key|Валюта', 'ref'],
    'balance': ['СуммаBalance', 'money'],
    'foreign_balance': ['ВалютнаяСуммаBalance|СуммаВалBalance', 'money'],
}) }}
