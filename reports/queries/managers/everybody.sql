-- Everybody who sells, with figures or without: their names and departments.
select
    manager_key,
    manager_name,
    department
from marts.dim_managers
