{{ config(materialized=inlined()) }}
{%- set fields = {
    'offer_id': 'Ид|"@Товар"|"@ИдентификаторВКаталоге"',
    'sku': 'Артикул|"@Артикул"',
    'product_name': 'Наименование|"@Наименование"',
    'unit': 'БазоваяЕдиница."#text"|БазоваяЕдиница."@НаименованиеПолное"|БазоваяЕдиница."@Код"|БазоваяЕдиница|Единица."#text"|Единица|"@Единица"',
    'quantity': ['Количество|"@Количество"', 'quantity'],
    'price': ['ЦенаЗаЕдиницу|"@Цена"', 'number'],
    'amount_sent': ['Сумма|"@Сумма"', 'money'],
    'discount': ['Скидки.Скидка[0].Сумма', 'money'],
    'discount_included': ['Скидки.Скидка[0].УчтеноВСумме', 'boolean'],
    'tax': ['Налоги.Налог[0].Сумма', 'money'],
    'tax_included': ['Налоги.Налог[0].УчтеноВСумме', 'boolean'],
    'tax_rate': 'СтавкиНалогов.СтавкаНалога[0].Ставка',
} -%}
with

documents as (

    select * from {{ ref('stg_commerceml__kept_documents') }}

),

lines as (

    {{ explode_json('documents', 'lines', fields, ['_source', '_key', '_load_id', 'operation', 'document_id']) }}

),

discounted as (

    select
        lines.*,
        coalesce(lines.amount_sent, 0)
        - case when lines.discount_included = false then coalesce(lines.discount, 0) else 0 end as net_amount,
        {{ safe_cast(text_extract_pattern('lines.tax_rate', '[0-9]+([.][0-9]+)?'), 'double') }} as rate_percent
    from lines

),

-- the line's own VAT; else by its rate; else, where no line of the document says anything, its share of the document's
taxed as (

    select
        discounted.*,
        coalesce(discounted.tax_included, documents.tax_included, true) as is_tax_included,
        case when coalesce(discounted.tax_included, documents.tax_included, true) then 100 + rate_percent else 100 end as taxed_percent,
        documents.tax_amount as document_tax,
        sum(discounted.net_amount) over (partition by discounted._source, discounted._key) as document_net,
        count(case when discounted.tax is not null or discounted.rate_percent is not null then 1 end)
            over (partition by discounted._source, discounted._key) as taxes_told
    from discounted
    inner join documents on discounted._source = documents._source and discounted._key = documents._key

),

reckoned as (

    select
        taxed.*,
        case
            when tax is not null then tax
            when rate_percent is not null
                then {{ round_quotient(quotient('net_amount * rate_percent', 'taxed_percent')) }}
            when taxes_told = 0 and document_net <> 0 then {{ round_quotient(quotient('net_amount * document_tax', 'document_net')) }}
        end as vat
    from taxed

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
    case when is_tax_included then net_amount else net_amount + coalesce(vat, 0) end as amount,
    vat
from reckoned
