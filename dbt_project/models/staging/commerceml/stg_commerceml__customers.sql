{{ config(materialized=inlined()) }}
-- Counterparties as they were sent by themselves, else as the newest document names them.
with

records as (

    select * from {{ source('commerceml', 'counterparties') }}

),

sent as (

    {{ json_fields('records', {
        'customer_name': 'ПолноеНаименование|ОфициальноеНаименование|Наименование|"@ОтображаемоеНаименование"|"@Наименование"',
        'tax_id': 'ИНН|"@ИНН"',
        'kpp': 'КПП|"@КПП"',
    }) }}

),

named as (

    select
        _source,
        customer_id,
        {{ arg_max('customer_name', '_load_id') }} as customer_name,
        max(tax_id) as tax_id,
        max(kpp) as kpp
    from {{ ref('stg_commerceml__kept_documents') }}
    where customer_id is not null
    group by _source, customer_id

)

select
    _source,
    _key as customer_id,
    customer_name,
    tax_id,
    kpp
from sent
where not is_deleted

union all

select
    named._source,
    named.customer_id,
    named.customer_name,
    named.tax_id,
    named.kpp
from named
left join sent on named._source = sent._source and named.customer_id = sent._key and not sent.is_deleted
where sent._key is null
