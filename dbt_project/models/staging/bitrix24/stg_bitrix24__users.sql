{{ config(materialized=inlined()) }}

with records as (
    select *
    from {{ source('bitrix24', 'users') }}
)

{{ json_fields('records', {
    'user_id': 'ID|id',
    'first_name': 'NAME|name',
    'last_name': 'LAST_NAME|lastName',
    'email': 'EMAIL|email',
    'internal_code': 'XML_ID|xmlId',
    'extension': 'UF_PHONE_INNER|ufPhoneInner',
    'department': 'WORK_DEPARTMENT|workDepartment',
    'department_id': 'UF_DEPARTMENT[0]|ufDepartment[0]',
    'is_active': ['ACTIVE|active', 'boolean'],
}) }}
