-- One record in a thousand written again, as a day of work would: receipts, deals and calls come with a new load.
update raw.onec__sales_register set _load_id = (select max(load_id) + 1 from meta.loads) where hash(_key) % 1000 = 0;
update raw.amocrm__leads set _load_id = (select max(load_id) + 1 from meta.loads) where hash(_key) % 1000 = 0;
update raw.amocrm__events set _load_id = (select max(load_id) + 1 from meta.loads) where hash(_key) % 1000 = 0;
update raw.bitrix24__calls set _load_id = (select max(load_id) + 1 from meta.loads) where hash(_key) % 1000 = 0;
insert into meta.loads select max(load_id) + 1, 'books', 'sales_register', 1, 1, now() from meta.loads;
