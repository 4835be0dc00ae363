-- The managers whose deals are in the funnel.
select distinct
    funnel.manager_key,
    managers.manager_name
from marts.sales_funnel as funnel
left join marts.dim_managers as managers on managers.manager_key = funnel.manager_key
order by managers.manager_name, funnel.manager_key
