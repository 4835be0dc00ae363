with records as (
    select *
    from {{ source('amocrm', 'users') }}
)

{{ json_fields('records', {
    'user_id': 'id',
    'user_name': 'name',
    'email': 'email',
    'group_id': 'rights.group_id',
    'group_name': '_embedded.groups[0].name',
    'phone_number': 'phone_number',
    'is_active': ['rights.is_active', 'boolean'],
}) }}
