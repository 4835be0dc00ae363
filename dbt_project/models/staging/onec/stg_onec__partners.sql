with

records as (

    select * from {{ source('onec', 'partners') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code',
    'name': 'Description',
    'full_name': 'НаименованиеПолное',
    'is_folder': ['IsFolder', 'boolean'],
    'parent_id': ['Parent_Key|ГоловнойПартнер_Key', 'ref'],
    'person_kind': 'ЮрФизЛицо|ЮридическоеФизическоеЛицо',
    'is_customer': ['Клиент', 'boolean'],
    'is_supplier': ['Поставщик', 'boolean'],
    'manager_id': ['ОсновнойМенеджер_Key', 'ref'],
    'registered_at': ['ДатаРегистрации', 'timestamp'],
    'city': '_city|Город',
    'contacts': ['КонтактнаяИнформация', 'json'],
}) }}
