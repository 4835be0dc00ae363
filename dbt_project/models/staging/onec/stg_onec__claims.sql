{{ config(materialized=inlined()) }}

with

records as (

    {% for stream in ['claims', 'discrepancy_acts', 'return_requests'] %}
    select * from {{ source('onec', stream) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'document_number': 'Number|Code',
    'registered_at': ['Date|ДатаРегистрации|ДатаПретензии', 'timestamp'],
    'is_posted': ['Posted', 'boolean'],
    'is_marked': ['DeletionMark', 'boolean'],
    'claim_kind': '_claim_type|ВидПретензии|ТипПретензии',
    'status': 'Статус',
    'reason': 'ПричинаПретензии|ПричинаВозврата|ПричинаВозникновения|Причина|Тема',
    'partner_id': ['Партнер_Key|Партнер|Клиент_Key', 'ref'],
    'counterparty_id': ['Контрагент_Key|Контрагент', 'ref'],
    'manager_id': ['Менеджер_Key|Ответственный_Key|Ответственный', 'ref'],
    'order_id': ['ЗаказКлиента|ЗаказКлиента_Key|Заказ|Заказ_Key|ЗаказПокупателя_Key|ЗаказПокупателя', 'ref'],
    'order_type': 'ЗаказКлиента_Type|Заказ_Type|ЗаказПокупателя_Type',
    'invoice_id': ['СчетНаОплатуПокупателю_Key|СчетНаОплатуПокупателю', 'ref'],
    'basis_id': ['ДокументОснование|ДокументОснование_Key', 'ref'],
    'basis_type': 'ДокументОснование_Type',
    'currency_id': ['Валюта_Key|ВалютаДокумента_Key', 'ref'],
    'amount': ['СуммаДокумента|Сумма|СуммаПретензии', 'money'],
    'goods': ['Товары', 'json'],
    'resolved_at': ['ДатаОкончания|ДатаРешения|ДатаЗакрытия|ДатаУрегулирования', 'timestamp'],
}) }}
