{{ config(materialized=inlined()) }}
with

records as (

    select
        *,
        _seen_at as _loaded_at
    from {{ source('freshoffice', 'documents__versions') }}

),

parsed as (

    {{ json_fields('records', {
        'document_id': 'id_doc|id|ID',
        'manager': 'id_manager|manager_id|user_id',
        'type_id': 'id_tip_doc|type_id',
        'amount': ['summa|sum', 'money'],
        'goods': ['tovar_doc.results|tovar_doc|Goods', 'json'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    document_id,
    {{ crm_id('manager') }} as manager_id,
    amount,
    goods,
    {{ named_in_option('type_id', 'orders') }} as is_order
from parsed
