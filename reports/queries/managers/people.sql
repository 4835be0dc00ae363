-- The managers who have figures.
select distinct
    kpi.manager_key,
    managers.manager_name
from marts.manager_kpi as kpi
left join marts.dim_managers as managers on managers.manager_key = kpi.manager_key
order by managers.manager_name, kpi.manager_key
