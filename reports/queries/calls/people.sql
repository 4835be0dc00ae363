-- The managers who have calls.
select distinct
    calls.manager_key,
    managers.manager_name
from marts.fct_calls as calls
left join marts.dim_managers as managers on managers.manager_key = calls.manager_key
order by managers.manager_name, calls.manager_key
