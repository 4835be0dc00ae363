-- How fresh every stream of every source is, stale ones first.
select
    source,
    stream,
    rows_total,
    last_loaded_at,
    newest_record_at,
    is_stale
from marts.data_freshness
order by is_stale desc, source, stream
