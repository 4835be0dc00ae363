select
    _source || ':' || _key as warehouse_key,
    name as warehouse_name
from {{ ref('stg_onec__warehouses') }}
where
    not is_deleted
    and not coalesce(is_folder, false)
    -- УНФ keeps departments in the same catalog
    and coalesce(unit_kind, '') <> 'Подразделение'
{{ and_union_of('int_warehouse_cards', ['warehouse_key', 'warehouse_name']) }}
