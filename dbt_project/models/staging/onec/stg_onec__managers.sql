{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'managers') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code',
    'name': 'Description',
    'is_folder': ['IsFolder', 'boolean'],
    'is_invalid': ['Недействителен', 'boolean'],
    'is_service_user': ['Служебный', 'boolean'],
    'department_id': ['Подразделение_Key|СтруктурнаяЕдиница_Key', 'ref'],
    'person_id': ['ФизическоеЛицо_Key|Физлицо_Key|ФизическоеЛицо', 'ref'],
    'internal_code': '_internal_code|ТабельныйНомер|Код|Code',
    'extension': '_extension|ВнутреннийНомер|ВнутреннийТелефон',
    'dismissed_on': ['ДатаУвольнения', 'date'],
    'contacts': ['КонтактнаяИнформация', 'json'],
}) }}
