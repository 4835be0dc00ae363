-- The days of a month and which of them are workdays.
select
    date,
    is_workday
from marts.dim_dates
where month = $month
order by date
