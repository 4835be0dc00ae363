{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'currency_rates') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'rate_date': ['Period|RecordSet[0].Period', 'date'],
    'currency_id': ['Валюта_Key|Валюта|RecordSet[0].Валюта_Key', 'ref'],
    'base_currency_id': ['БазоваяВалюта_Key', 'ref'],
    'rate': ['Курс|RecordSet[0].Курс', 'rate'],
    'rate_multiplicity': ['Кратность|RecordSet[0].Кратность', 'rate'],
    'rate_numerator': ['КурсЧислитель', 'rate'],
    'rate_denominator': ['КурсЗнаменатель', 'rate'],
}) }}
