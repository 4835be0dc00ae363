with records as (
    select *
    from {{ source('bitrix24', 'statuses') }}
)

{{ json_fields('records', {
    'entity_id': 'ENTITY_ID|entityId',
    'status_id': 'STATUS_ID|statusId',
    'status_name': 'NAME|name',
    'sort': ['SORT|sort', 'integer'],
    'semantics': 'SEMANTICS|EXTRA.SEMANTICS|semantics',
}) }}
