{{ config(materialized=inlined()) }}

with records as (
    select *
    from {{ source('amocrm', 'account') }}
)

{{ json_fields('records', {
    'account_id': 'id',
    'subdomain': 'subdomain',
    'currency_code': 'currency',
    'country': 'country',
    'users_groups': ['_embedded.users_groups', 'json'],
}) }}
