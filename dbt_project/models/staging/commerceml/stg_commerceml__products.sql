{{ config(materialized=inlined()) }}
{%- set levels = 8 %}
{%- set path = [] %}
{%- for level in range(levels, 0, -1) -%}
    {%- do path.append('group_' ~ level ~ '.group_name') -%}
{%- endfor %}
-- Goods of the catalogue, and what documents sell that no catalogue names (deliveries of sites among them). A group below eight others
-- loses the topmost from its path.
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

named_groups as (

    {{ json_fields('group_records', {'group_name': 'Наименование|"@Наименование"', 'parent_id': '_parent'}) }}

),

group_names as (

    select
        _source,
        _key,
        parent_id,
        group_name
    from named_groups
    where not is_deleted

),

catalogue as (

    select
        goods._source as _source,
        {{ offered_good('goods._key') }} as product_id,
        max(goods.product_name) as product_name,
        max(goods.sku) as sku,
        max(group_1.group_name) as category,
        max({{ joined_texts(path, ' / ') }}) as category_path,
        max(goods.unit) as unit
    from goods
    left join group_names as group_1 on goods._source = group_1._source and goods.group_id = group_1._key
    {%- for level in range(2, levels + 1) %}
    left join group_names as group_{{ level }}
        on group_{{ level - 1 }}._source = group_{{ level }}._source and group_{{ level - 1 }}.parent_id = group_{{ level }}._key
    {%- endfor %}
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
    category_path,
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
    cast(null as {{ text_type() }}) as category_path,
    sold.unit,
    false as is_deleted
from sold
left join catalogue on sold._source = catalogue._source and sold.product_id = catalogue.product_id
where catalogue.product_id is null
