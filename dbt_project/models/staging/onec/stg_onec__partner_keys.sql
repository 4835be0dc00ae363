with

records as (

    select * from {{ source('onec', 'partner_keys') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'organisation_id': ['Организация_Key|Организация', 'ref'],
    'partner_id': ['Партнер_Key|Партнер', 'ref'],
    'counterparty_id': ['Контрагент_Key|Контрагент', 'ref'],
}) }}
