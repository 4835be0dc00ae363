{{ config(materialized=inlined()) }}

{{ onec_rows('claims', 'goods', {
    'order_id': ['ЗаказКлиента|ЗаказКлиента_Key', 'ref'],
    'shipment_id': ['Реализация|ДокументРеализации', 'ref'],
    'amount': ['СуммаСНДС|Сумма', 'money'],
    'amount_told': ['СуммаСНДСПоДокументу|СуммаПоДокументу', 'money'],
}, grows=false) }}
