-- A stage is known to last only until the systems were last asked.
select max(extracted_at) as newest_load_at
from {{ source('skvoz_meta', 'cursors') }}
