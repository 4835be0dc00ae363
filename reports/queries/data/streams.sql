-- Every stream of every source: records kept and deleted, the newest record, the last load, stale ones first.
select
    source,
    stream,
    rows_total,
    rows_deleted,
    last_loaded_at,
    newest_record_at,
    is_stale
from marts.data_freshness
order by is_stale desc, source, stream
