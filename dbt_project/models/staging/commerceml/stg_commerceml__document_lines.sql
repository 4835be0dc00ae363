{{ config(materialized=inlined()) }}
{%- set fields = {
    'offer_id': 'Ид|"@Товар"|"@ИдентификаторВКаталоге"',
    'sku': 'Артикул|"@Артикул"',
    'product_name': 'Наименование|"@Наименование"',
    'unit': 'БазоваяЕдиница."#text"|БазоваяЕдиница|Единица|"@Единица"',
    'quantity': ['Количество|"@Количество"', 'quantity'],
    'price': ['ЦенаЗаЕдиницу|"@Цена"', 'number'],
    'amount': ['Сумма|"@Сумма"', 'money'],
    'discount': ['Скидки.Скидка[0].Сумма', 'money'],
    'vat': ['Налоги.Налог[0].Сумма', 'money'],
    'vat_included': ['Налоги.Налог[0].УчтеноВСумме', 'boolean'],
} -%}
with

documents as (

    select * from {{ ref('stg_commerceml__kept_documents') }}

),

lines as (

    {{ explode_json('documents', 'lines', fields, ['_source', '_key', '_load_id', 'operation', 'document_id']) }}

)

select
    _source,
    _key,
    _load_id,
    operation,
    document_id,
    {{ cast_as('item_number', 'integer') }} as line_number,
    {{ offered_good('offer_id') }} as product_id,
    sku,
    product_name,
    unit,
    quantity,
    price,
    discount,
    case when vat_included = false then coalesce(amount, 0) + coalesce(vat, 0) else coalesce(amount, 0) end as amount,
    vat
from lines
