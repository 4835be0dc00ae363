-- The raw files of the records that the steps by hand need, read as they are: no ledger, no newest version, no tombstones.
create schema bare;
create table bare.raw_onec__sales_register as
select json ->> '_key' as _key, json -> 'payload' as payload
from read_ndjson_objects('$raw/books/sales_register/*.zst', maximum_object_size = 16777216);
create table bare.raw_onec__counterparties as
select json ->> '_key' as _key, json -> 'payload' as payload
from read_ndjson_objects('$raw/books/counterparties/*.zst', maximum_object_size = 16777216);
create table bare.raw_amocrm__contacts as
select json ->> '_key' as _key, json -> 'payload' as payload
from read_ndjson_objects('$raw/sales/contacts/*.zst', maximum_object_size = 16777216);
create table bare.raw_amocrm__leads as
select json ->> '_key' as _key, json -> 'payload' as payload
from read_ndjson_objects('$raw/sales/leads/*.zst', maximum_object_size = 16777216);
create table bare.raw_amocrm__events as
select json ->> '_key' as _key, json -> 'payload' as payload
from read_ndjson_objects('$raw/sales/events/*.zst', maximum_object_size = 16777216);
create table bare.raw_bitrix24__calls as
select json ->> '_key' as _key, json -> 'payload' as payload
from read_ndjson_objects('$raw/portal/calls/*.zst', maximum_object_size = 16777216);
