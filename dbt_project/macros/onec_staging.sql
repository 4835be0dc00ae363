{#- Staging models of 1C that several documents share word for word: the documents differ, what is read from them does not. -#}

{#-
    Headers of a document: what all of them have, and after it, or in its place, the fields of this one.
-#}
{% macro onec_headers(stream, more) -%}
{%- set fields = {
    'entity': '_entity',
    'configuration': '_configuration',
    'document_number': 'Number',
    'document_at': ['Date', 'timestamp'],
    'is_posted': ['Posted', 'boolean'],
    'is_marked': ['DeletionMark', 'boolean'],
    'organisation_id': ['Организация_Key|Организация', 'ref'],
    'partner_id': ['Партнер_Key|Партнер', 'ref'],
    'counterparty_id': ['Контрагент_Key|Контрагент', 'ref'],
    'contract_id': ['Договор_Key|Договор|ДоговорКонтрагента_Key|ДоговорКонтрагента', 'ref'],
    'currency_id': ['ВалютаДокумента_Key|Валюта_Key|ВалютаДокумента|Валюта|ВалютаДенежныхСредств_Key|ВалютаДенежныхСредств', 'ref'],
    'settlement_currency_id': ['ВалютаВзаиморасчетов_Key|ВалютаВзаиморасчетов', 'ref'],
    'amount': ['СуммаДокумента', 'money'],
    'rate': ['Курс|КурсВзаиморасчетов', 'rate'],
    'rate_multiplicity': ['Кратность|КратностьВзаиморасчетов', 'rate'],
    'rate_numerator': ['КурсЧислитель', 'rate'],
    'rate_denominator': ['КурсЗнаменатель', 'rate'],
    'operation': 'ХозяйственнаяОперация|ВидОперации',
} -%}
{%- do fields.update(more) -%}
with

records as (

    select * from {{ source('onec', stream) }}
    {{ new_loads() }}

)

{{ json_fields('records', fields) }}
{%- endmacro %}

{#- Headers of a document about goods. -#}
{% macro onec_documents(stream, more) -%}
{%- set fields = {
    'manager_id': ['Менеджер_Key|Менеджер|Ответственный_Key|Ответственный', 'ref'],
    'warehouse_id': ['Склад_Key|Склад|СтруктурнаяЕдиница_Key|СтруктурнаяЕдиница|СтруктурнаяЕдиницаРезерв_Key|СтруктурнаяЕдиницаПродажи_Key', 'ref'],
    'vat_included': ['СуммаВключаетНДС|ЦенаВключаетНДС', 'boolean'],
    'goods': ['Товары|Запасы', 'json'],
    'services': ['Услуги|Работы', 'json'],
} -%}
{%- do fields.update(more) -%}
{{ onec_headers(stream, fields) }}
{%- endmacro %}

{#- Fields of shipments, returns and receipts: the order they belong to. -#}
{% macro onec_order_fields() -%}
{{ return({
    'order_id': ['ЗаказКлиента|ЗаказКлиента_Key|Заказ|Заказ_Key|ЗаказПокупателя_Key|ЗаказПокупателя', 'ref'],
    'order_type': 'ЗаказКлиента_Type|Заказ_Type|ЗаказПокупателя_Type',
    'invoice_id': ['СчетНаОплатуПокупателю_Key|СчетНаОплатуПокупателю', 'ref'],
}) }}
{%- endmacro %}

{#- Headers of a retail document: the cashier may stand for the manager, the till is known. -#}
{% macro onec_retail_documents(stream, more={}) -%}
{%- set fields = {'manager_id': ['Менеджер_Key|Ответственный_Key|Кассир_Key|Ответственный', 'ref']} -%}
{%- do fields.update(onec_order_fields()) -%}
{%- do fields.update({
    'shift_id': ['КассоваяСмена_Key|КассоваяСмена', 'ref'],
    'cash_register_id': ['КассаККМ_Key|КассаККМ', 'ref'],
    'receipt_status': 'Статус|СтатусЧекаККМ',
}) -%}
{%- do fields.update(more) -%}
{{ onec_documents(stream, fields) }}
{%- endmacro %}

{#- Rows of one tabular part of a staging model, in the order they stand in it. `grows`: the model is incremental, so only new ones are read. -#}
{% macro onec_rows(documents, part, fields, grows=true) -%}
with

documents as (

    select * from {{ ref('stg_onec__' ~ documents) }}
    {{ new_loads() if grows }}

),

rows_sent as (

    {{ explode_json('documents', part, fields, ['_source', '_key', '_load_id']) }}

)

select
    _source,
    _key,
    _load_id,
    {{ cast_as('item_number', 'integer') }} as line_number,
    {{ fields | join(',\n    ') }},
    _uncast_fields
from rows_sent
{%- endmacro %}

{#-
    Lines of a document in the order they stand in it: `parts` are the columns of its staging model that hold tabular parts, goods first.
    Amounts as the document has them. `more`: fields that lines of this document alone have.
-#}
{% macro onec_document_lines(documents, parts, more={}) -%}
{%- set fields = {
    'product_id': ['Номенклатура_Key|Номенклатура', 'ref'],
    'quantity': ['Количество', 'quantity'],
    'price': ['Цена', 'number'],
    'line_sum': ['Сумма', 'money'],
    'vat': ['СуммаНДС', 'money'],
    'sum_with_vat': ['СуммаСНДС|Всего', 'money'],
    'manual_discount': ['СуммаРучнойСкидки|СуммаСкидкиНаценки|СуммаСкидки', 'money'],
    'automatic_discount': ['СуммаАвтоматическойСкидки', 'money'],
    'is_cancelled': ['Отменено', 'boolean'],
    'warehouse_id': ['Склад_Key|Склад|СтруктурнаяЕдиница_Key', 'ref'],
    'order_id': ['ЗаказКлиента|ЗаказКлиента_Key|Заказ|Заказ_Key|ЗаказПокупателя_Key', 'ref'],
    'order_type': 'ЗаказКлиента_Type|Заказ_Type',
    'manager_id': ['Продавец_Key|Менеджер_Key|Ответственный_Key', 'ref'],
} -%}
{%- do fields.update(more) -%}

with

documents as (

    select * from {{ ref('stg_onec__' ~ documents) }}
    {{ new_loads() }}

),
{% for part in parts %}
part_{{ loop.index }} as (

    {{ explode_json('documents', part, fields, ['_source', '_key', '_load_id']) }}

),
{% endfor %}
parts as (
    {% for part in parts %}
    select
        {{ loop.index }} as part,
        *
    from part_{{ loop.index }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    _source,
    _key,
    _load_id,
    part,
    {{ cast_as('row_number() over (partition by _source, _key order by part, item_number)', 'integer') }} as line_number,
    {{ fields | join(',\n    ') }},
    _uncast_fields
from parts
{%- endmacro %}

{#- Headers of a money document. -#}
{% macro onec_payment_documents(stream) -%}
{%- set fields = {
    'counterparty_type': 'Контрагент_Type',
    'manager_id': ['Менеджер_Key|Ответственный_Key', 'ref'],
    'account_id': ['БанковскийСчет_Key|БанковскийСчет|БанковскийСчетОрганизации_Key|СчетОрганизации_Key|Касса_Key|Касса|КассаОрганизации_Key|ЭквайринговыйТерминал_Key', 'ref'],
    'article_id': ['СтатьяДвиженияДенежныхСредств_Key|СтатьяДвиженияДенежныхСредств|Статья_Key|Статья', 'ref'],
    'purpose': 'НазначениеПлатежа',
    'is_conducted': ['ПроведеноБанком', 'boolean'],
    'conducted_at': ['ДатаПроведенияБанком|ДатаПроведения', 'timestamp'],
    'terminal_id': ['ЭквайринговыйТерминал_Key|ЭквайринговыйТерминал', 'ref'],
    'basis_id': ['ДокументОснование|ДокументОснование_Key', 'ref'],
    'basis_type': 'ДокументОснование_Type',
    'splits': ['РасшифровкаПлатежа', 'json'],
} -%}
{%- do fields.update(onec_order_fields()) -%}
{{ onec_headers(stream, fields) }}
{%- endmacro %}

{#- Rows of «Расшифровка платежа» of a money document: what was paid for. -#}
{% macro onec_payment_splits(documents) -%}
{%- set fields = {
    'order_id': ['Заказ|Заказ_Key|ЗаказКлиента|ЗаказКлиента_Key|ЗаказПокупателя_Key|ЗаказПокупателя', 'ref'],
    'order_type': 'Заказ_Type|ЗаказКлиента_Type',
    'basis_id': ['ОснованиеПлатежа|ОснованиеПлатежа_Key|ОбъектРасчетов_Key|Документ|Документ_Key|СчетНаОплату_Key|Сделка', 'ref'],
    'basis_type': 'ОснованиеПлатежа_Type|Документ_Type|Сделка_Type',
    'partner_id': ['Партнер_Key|Партнер', 'ref'],
    'counterparty_id': ['Контрагент_Key|Контрагент', 'ref'],
    'contract_id': ['Договор_Key|ДоговорКонтрагента_Key', 'ref'],
    'article_id': ['СтатьяДвиженияДенежныхСредств_Key|Статья_Key', 'ref'],
    'amount': ['Сумма|СуммаПлатежа', 'money'],
    'settlement_amount': ['СуммаВзаиморасчетов|СуммаРасчетов', 'money'],
    'rate': ['Курс|КурсВзаиморасчетов', 'rate'],
    'rate_multiplicity': ['Кратность|КратностьВзаиморасчетов', 'rate'],
} -%}
{{ onec_rows(documents, 'splits', fields) }}
{%- endmacro %}

{#- Stages of a document's payment schedule. -#}
{% macro onec_payment_stages(documents) -%}
{%- set fields = {
    'stage_kind': 'ВариантОплаты|ВариантПлатежа',
    'due_date': ['ДатаПлатежа|ДатаОплаты', 'date'],
    'percent': ['ПроцентПлатежа|ПроцентОплаты', 'number'],
    'amount': ['СуммаПлатежа|СуммаОплаты', 'money'],
} -%}
{{ onec_rows(documents, 'payment_stages', fields) }}
{%- endmacro %}

{#- Rows of «Контактная информация» of a card. -#}
{% macro onec_contacts(cards) -%}
{%- set fields = {
    'contact_type': 'Тип',
    'email': 'АдресЭП',
    'phone': 'НомерТелефона',
    'presentation': 'Представление',
    'city': 'Город',
} -%}
{{ onec_rows(cards, 'contacts', fields, grows=false) }}
{%- endmacro %}
