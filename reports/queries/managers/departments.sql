-- The departments of the managers who have figures.
select distinct managers.department
from marts.manager_kpi as kpi
inner join marts.dim_managers as managers on managers.manager_key = kpi.manager_key
where managers.department is not null
order by managers.department
