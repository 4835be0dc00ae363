{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'money_transfers') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'document_at': ['Date', 'timestamp'],
    'is_posted': ['Posted', 'boolean'],
    'is_marked': ['DeletionMark', 'boolean'],
    'organisation_id': ['Организация_Key|Организация', 'ref'],
    'from_bank_account_id': ['БанковскийСчет_Key|СчетОтправитель_Key', 'ref'],
    'from_cash_desk_id': ['Касса_Key|КассаОтправитель_Key', 'ref'],
    'to_bank_account_id': ['БанковскийСчетПолучатель_Key|СчетПолучатель_Key', 'ref'],
    'to_cash_desk_id': ['КассаПолучатель_Key', 'ref'],
    'from_kind': 'ТипДенежныхСредств',
    'to_kind': 'ТипДенежныхСредствПолучатель',
    'currency_id': ['ВалютаДенежныхСредств_Key|ВалютаДокумента_Key|Валюта_Key', 'ref'],
    'amount': ['СуммаДокумента', 'money'],
}) }}
