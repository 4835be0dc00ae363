-- Workdays of a month: all of them, and those over by a day.
select
    sum(case when is_workday then 1 else 0 end) as workdays,
    sum(case when is_workday and date <= $to_date then 1 else 0 end) as workdays_over
from marts.dim_dates
where month = $month
