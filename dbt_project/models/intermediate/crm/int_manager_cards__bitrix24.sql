{{ config(materialized=read_through()) }}

select
    {{ crm_key('_source', 'user_id') }} as manager_ref,
    _source as source,
    user_id as manager_id,
    nullif(trim({{ joined_texts(['last_name', 'first_name'], ' ') }}), '') as manager_name,
    email,
    internal_code,
    extension,
    -- UF_DEPARTMENT holds only numbers
    department,
    coalesce(is_active, true) as is_active
from {{ ref('stg_bitrix24__users') }}
where not is_deleted
