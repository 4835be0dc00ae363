-- The ABC/XYZ matrix of customers by revenue: how many stand in each cell and what they brought in the window.
select
    abc_class,
    xyz_class,
    count(*) as customers,
    sum(value) as revenue,
    min(window_start) as window_start,
    max(window_end) as window_end
from marts.abc_xyz_customers
where measure = 'revenue'
group by abc_class, xyz_class
order by abc_class, xyz_class
