-- The raw files of one kind of records, read as they are: no ledger, no newest version, no tombstones.
create table bare.raw_$table as
select json ->> '_key' as _key, json -> 'payload' as payload
from read_ndjson_objects('$files/*.zst', maximum_object_size = 16777216);
