with

records as (

    select * from {{ source('onec', 'counterparties') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code',
    'name': 'Description',
    'full_name': 'НаименованиеПолное',
    'is_folder': ['IsFolder', 'boolean'],
    'parent_id': ['Parent_Key', 'ref'],
    'partner_id': ['Партнер_Key|Партнер', 'ref'],
    'head_id': ['ГоловнойКонтрагент_Key', 'ref'],
    'person_kind': 'ЮридическоеФизическоеЛицо|ЮрФизЛицо|ВидКонтрагента',
    'is_customer': ['Покупатель', 'boolean'],
    'is_supplier': ['Поставщик', 'boolean'],
    'manager_id': ['Ответственный_Key|ОтветственныйМенеджер_Key|ОсновнойМенеджер_Key', 'ref'],
    'registered_at': ['ДатаРегистрации|ДатаСоздания', 'timestamp'],
    'tax_id': 'ИНН',
    'kpp': 'КПП',
    'city': '_city|Город',
    'contacts': ['КонтактнаяИнформация', 'json'],
}) }}
