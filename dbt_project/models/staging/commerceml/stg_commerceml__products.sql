{{ config(materialized=inlined()) }}
-- Goods of the catalogue, and what documents sell that no catalogue names (deliveries of sites among them).
with

records as (

    select * from {{ source('commerceml', 'products') }}

),

goods as (

    {{ json_fields('records', {
        'sku': 'Артикул|"@Артикул"',
        'product_name': 'Наименование|"@Наименование"',
        'unit': 'БазоваяЕдиница."#text"|БазоваяЕдиница."@НаименованиеПолное"|БазоваяЕдиница."@Код"|БазоваяЕдиница|"@Единица"',
        'group_id': 'Группы.Ид[0]|Группы.Ид|"@Родитель"',
    }) }}

),

group_records as (

    select * from {{ source('commerceml', 'groups') }}

),

group_names as (

    {{ json_fields('group_records', {'group_name': 'Наименование|"@Наименование"'}) }}

),

catalogue as (

    select
        goods._source,
        {{ offered_good('goods._key') }} as product_id,
        max(goods.product_name) as product_name,
        max(goods.sku) as sku,
        max(group_names.group_name) as category,
        max(goods.unit) as unit
    from goods
    left join group_names on goods._source = group_names._source and goods.group_id = group_names._key and not group_names.is_deleted
    where not goods.is_deleted
    group by goods._source, {{ offered_good('goods._key') }}

),

sold as (

    select
        _source,
        product_id,
        {{ arg_max('product_name', '_load_id') }} as product_name,
        max(sku) as sku,
        max(unit) as unit
    from {{ ref('stg_commerceml__document_lines') }}
    where product_id is not null
    group by _source, product_id

)

select
    _source,
    product_id,
    product_name,
    sku,
    category,
    unit,
    false as is_deleted
from catalogue

union all

select
    sold._source,
    sold.product_id,
    sold.product_name,
    sold.sku,
    cast(null as {{ text_type() }}) as category,
    sold.unit,
    false as is_deleted
from sold
left join catalogue on sold._source = catalogue._source and sold.product_id = catalogue.product_id
where catalogue.product_id is null
