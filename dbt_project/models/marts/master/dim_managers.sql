select
    manager_key,
    manager_name,
    email,
    department,
    is_active
from {{ ref('int_managers') }}
