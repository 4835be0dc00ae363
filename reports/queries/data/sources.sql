-- What each source is: its type and the title that skvoz.toml gives it.
select distinct
    source,
    source_type,
    source_title
from marts.data_freshness
order by source
