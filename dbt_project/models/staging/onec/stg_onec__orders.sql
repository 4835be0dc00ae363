{{ config(materialized='incremental') }}

{{ onec_documents('orders', {
    'changed_at': ['ДатаИзменения', 'timestamp'],
    'status': 'Статус',
    'completion': 'ВариантЗавершения',
    'is_closed': ['Закрыт', 'boolean'],
    'planned_shipment_date': ['ДатаОтгрузки', 'date'],
    'due_date': ['ДатаПлатежа|ДатаОплаты|СрокОплаты', 'date'],
    'author_id': ['Автор_Key|Автор', 'ref'],
    'author_type': 'Автор_Type',
    'basis_id': ['ДокументОснование|ДокументОснование_Key', 'ref'],
    'basis_type': 'ДокументОснование_Type',
    'customer_order_number': 'НомерПоДаннымКлиента|НомерВходящегоДокумента',
    'comment': 'Комментарий',
    'deal_reference': '_deal',
    'channel_reference': '_channel',
    'onec_deal_id': ['Сделка_Key|Сделка', 'ref'],
    'settlement_object_id': ['ОбъектРасчетов_Key|ОбъектРасчетов', 'ref'],
    'payment_stages': ['ЭтапыГрафикаОплаты|ПлатежныйКалендарь', 'json'],
}) }}
