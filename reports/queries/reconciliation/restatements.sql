-- Months that were over and have changed since, as publications found it after a moment, the biggest change first.
select
    month,
    metric,
    was,
    now,
    published_at
from marts.restatements
where published_at >= $from_instant
order by abs(coalesce(now, 0) - coalesce(was, 0)) desc, month desc, metric
