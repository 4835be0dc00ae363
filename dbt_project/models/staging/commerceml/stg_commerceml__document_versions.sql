{{ config(materialized=inlined()) }}
with

records as (

    select
        *,
        _seen_at as _loaded_at
    from {{ source('commerceml', 'documents__versions') }}

)

{{ json_fields('records', {
    'operation': 'ХозОперация|"@ХозОперация"',
    'own_role': 'Роль|"@Роль"',
    'document_id': 'Ид|"@Ид"',
    'amount': ['Сумма|"@Сумма"', 'money'],
    'lines': ['Товары.Товар|ТоварнаяПозиция', 'json'],
    'requisites': ['ЗначенияРеквизитов.ЗначениеРеквизита', 'json'],
}) }}
