-- States of orders that were seen more than once, with what is compared between them as texts. Lines are compared by product, whatever
-- their order: quantity and sum of each.
{%- set fields = {
    'product_id': ['Номенклатура_Key|Номенклатура', 'ref'],
    'quantity': ['Количество', 'quantity'],
    'line_sum': ['Сумма', 'money'],
    'is_cancelled': ['Отменено', 'boolean'],
} %}
{%- set kept = ['_source', '_key', 'version_number'] %}

with

numbered as (

    select
        *,
        row_number() over (partition by _source, _key order by _loaded_at, _load_id) as version_number,
        count(*) over (partition by _source, _key) as versions
    from {{ ref('stg_onec__order_versions') }}

),

versions as (

    select *
    from numbered
    where versions > 1

),

goods as (

    {{ explode_json('versions', 'goods', fields, kept) }}

),

services as (

    {{ explode_json('versions', 'services', fields, kept) }}

),

lines as (

    select * from goods

    union all

    select * from services

),

products as (

    select
        lines._source as _source,
        lines._key as _key,
        lines.version_number as version_number,
        coalesce(cards.product_name, lines.product_id, '—') as product_name,
        sum(lines.quantity) as quantity,
        sum(lines.line_sum) as line_sum
    from lines
    left join {{ ref('int_product_cards') }} as cards on lines._source || ':' || lines.product_id = cards.product_ref
    where not coalesce(lines.is_cancelled, false)
    group by lines._source, lines._key, lines.version_number, coalesce(cards.product_name, lines.product_id, '—')

),

line_texts as (

    select
        _source,
        _key,
        version_number,
        {{ text_list(
            "product_name || ' × ' || " ~ cast_as('quantity', 'varchar') ~ " || ' = ' || " ~ cast_as('line_sum', 'varchar'), '; '
        ) }} as lines_text
    from products
    group by _source, _key, version_number

)

select
    versions._source || ':' || versions._key as order_key,
    versions.version_number as version_number,
    versions._loaded_at as seen_at,
    {{ cast_as('versions.amount', 'varchar') }} as amount,
    case
        when versions.is_deleted then 'deleted'
        when versions.is_marked then 'marked for deletion'
        when not versions.is_posted then 'not posted'
        when versions.completion is not null then versions.completion
        when versions.is_closed then 'closed'
        else coalesce(versions.status, 'posted')
    end as status,
    line_texts.lines_text,
    coalesce(cards.manager_name, versions.manager_id) as manager,
    versions.is_deleted
from versions
left join line_texts
    on
        versions._source = line_texts._source
        and versions._key = line_texts._key
        and versions.version_number = line_texts.version_number
left join {{ ref('int_manager_cards') }} as cards on versions._source || ':' || versions.manager_id = cards.manager_ref
