{{ config(materialized=inlined()) }}
{%- set fields = {
    'warehouse_id': 'Склад[0].Ид|Склад.Ид|"@ИдСклада"',
    'quantity': ['Склад[0].Количество|Склад.Количество|"@КоличествоНаСкладе"|Количество', 'quantity'],
} -%}
-- What lies in the warehouses: one <Остаток> per warehouse (2.08 and later), or <Склад> with attributes beside the offer (before).
with

records as (

    select * from {{ source('commerceml', 'stock') }}

),

offers as (

    {{ json_fields('records', {'rests': ['Остатки.Остаток|Склад', 'json']}) }}

),

rests as (

    {{ explode_json('offers', 'rests', fields, ['_source', '_key', '_loaded_at', 'is_deleted']) }}

)

select
    _source,
    {{ offered_good('_key') }} as product_id,
    warehouse_id,
    sum(quantity) as quantity,
    max(_loaded_at) as loaded_at
from rests
where not is_deleted and warehouse_id is not null
group by _source, {{ offered_good('_key') }}, warehouse_id
