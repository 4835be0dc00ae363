{{ config(materialized=inlined()) }}
-- The service has no list of employees that a calls user may read: those who talked.
select
    {{ crm_key('_source', 'employee_id') }} as manager_ref,
    _source as source,
    employee_id as manager_id,
    max(employee_name) as manager_name,
    {{ cast_as('null', 'varchar') }} as email,
    {{ cast_as('null', 'varchar') }} as internal_code,
    {{ cast_as('null', 'varchar') }} as extension,
    {{ cast_as('null', 'varchar') }} as department,
    true as is_active
from {{ ref('stg_uis__calls') }}
where not is_deleted and employee_id is not null
group by _source, employee_id
