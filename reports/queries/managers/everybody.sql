-- Everybody who sells, with figures or without, and their department.
select
    manager_key,
    department
from marts.dim_managers
