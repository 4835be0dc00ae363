{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'contracts') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code',
    'name': 'Description',
    'counterparty_id': ['Owner_Key|Owner|Контрагент_Key', 'ref'],
    'organisation_id': ['Организация_Key', 'ref'],
    'contract_kind': 'ВидДоговора|ТипДоговора',
    'currency_id': ['ВалютаВзаиморасчетов_Key|ВалютаРасчетов_Key', 'ref'],
    'terms_days': ['СрокОплаты|СрокОплатыПокупателя|ОтсрочкаПлатежа|СрокКонтроляОплатыВДнях', 'integer'],
}) }}
