{{ config(materialized=inlined()) }}
-- What a document says of itself by name: 1C writes true and false, sites Y and N.
with

documents as (

    select * from {{ ref('stg_commerceml__documents') }}

),

requisites as (

    {{ explode_json('documents', 'requisites', {'requisite': 'Наименование', 'requisite_value': 'Значение'}, ['_source', '_key']) }}

),

meanings as (

    select
        _source,
        _key,
        {{ lower_case('requisite') }} as requisite,
        {{ lower_case('requisite_value') }} in ('true', 'y', '1', 'да') as is_true,
        {{ lower_case('requisite_value') }} in ('false', 'n', '0', 'нет') as is_false
    from requisites

)

select
    _source,
    _key,
    max(case when requisite = 'пометкаудаления' and is_true then 1 else 0 end) = 1 as is_marked,
    max(case when requisite = 'проведен' and is_false then 1 else 0 end) = 1 as is_unposted,
    max(case when requisite in ('отменен', 'отменён') and is_true then 1 else 0 end) = 1 as is_cancelled,
    max(case when requisite = 'финальный статус' and is_true then 1 else 0 end) = 1 as is_final,
    -- a 1C-Bitrix site sends payments and shipments as soon as they are planned
    max(case when requisite in ('оплачено', 'оплачен', 'отгружено', 'отгружен') and is_false then 1 else 0 end) = 1 as is_undone,
    max(case when requisite = 'признак возврата' and is_true then 1 else 0 end) = 1 as is_given_back
from meanings
group by _source, _key
