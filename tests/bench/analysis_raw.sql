-- Records as the systems send them, made in the warehouse itself: a million receipts of five lines, half a million deals that pass five
-- stages, two million calls, half a million customers; $share of all that. Everything hangs on numbers: customer n is counterparty n,
-- contact n (from 300,000 on only a contact) and owns phone n.
insert into raw.onec__products
select
    'books', printf('%08x-0000-11ef-0000-000000000000', n), null, now(), 1000, 'bench', false,
    json_object(
        'Ref_Key', printf('%08x-0000-11ef-0000-000000000000', n), 'DeletionMark', false, 'IsFolder', false,
        'Description', 'Товар ' || n, 'Артикул', 'A' || n, '_entity', 'Catalog_Номенклатура', '_configuration', 'unf'
    )
from range(2000) as numbers (n);

insert into raw.onec__counterparties
select
    'books', printf('%08x-0001-11ef-0000-000000000000', n), null, now(), 1000, 'bench', false,
    json_object(
        'Ref_Key', printf('%08x-0001-11ef-0000-000000000000', n), 'DeletionMark', false, 'IsFolder', false, 'Code', n::varchar,
        'Description', 'Покупатель ' || n, 'ИНН', printf('%010d', 7700000000 + n), 'ЮридическоеФизическоеЛицо', 'ЮридическоеЛицо',
        'Покупатель', true, '_entity', 'Catalog_Контрагенты', '_configuration', 'unf',
        'КонтактнаяИнформация', [
            {'Тип': 'Телефон', 'НомерТелефона': '8 (9' || printf('%02d', n // 10000000) || ') ' || printf('%07d', n % 10000000)},
            {'Тип': 'АдресЭлектроннойПочты', 'АдресЭП': 'buyer' || n || '@example.com'}
        ]
    )
from range(($share * 300000)::bigint) as numbers (n);

insert into raw.amocrm__contacts
select
    'sales', (40000000 + n)::varchar, to_timestamp(1700000000 + n), now(), 1000, 'bench', false,
    json_object(
        'id', 40000000 + n, 'name', 'Контакт ' || n, 'responsible_user_id', 3100037, 'created_at', 1700000000, 'updated_at', 1700000000 + n,
        'is_deleted', false, 'custom_fields_values', [
            {'field_id': 700101, 'field_name': 'Телефон', 'field_code': 'PHONE', 'values': [
                {'value': '+79' || printf('%02d', n // 10000000) || printf('%07d', n % 10000000)}
            ]}
        ],
        '_embedded', {'companies': []}
    )
from range(($share * 200000)::bigint, ($share * 400000)::bigint) as numbers (n);

insert into raw.onec__sales_register
select
    'books', recorder, null, now(), 1000, 'bench', false,
    json_object(
        'Recorder', recorder, 'Recorder_Type', 'StandardODATA.Document_РасходнаяНакладная', '_entity', 'AccumulationRegister_Продажи',
        '_configuration', 'unf',
        'RecordSet', list_transform(range(5), lambda i: {
            'Period': strftime(sold_at, '%Y-%m-%dT%H:%M:%S'), 'LineNumber': (i + 1)::varchar, 'Active': true,
            'Номенклатура_Key': printf('%08x-0000-11ef-0000-000000000000', (n * 7 + i * 131) % 2000),
            'Контрагент_Key': printf('%08x-0001-11ef-0000-000000000000', (n * 13) % ($share * 300000)::bigint),
            'Документ': recorder, 'Документ_Type': 'StandardODATA.Document_РасходнаяНакладная', 'Количество': 1 + (n + i) % 9,
            'Сумма': 100 + (n * 37 + i * 11) % 90000, 'СуммаНДС': 10, 'Себестоимость': 50 + (n * 17) % 40000
        })
    )
from (
    select n, printf('%08x-0002-11ef-0000-000000000000', n) as recorder, timestamp '2024-10-01' + interval (n % 546) day + interval 10 hour as sold_at
    from range(($share * 1000000)::bigint) as numbers (n)
) as recorders;

insert into raw.amocrm__leads
select
    'sales', (50000000 + n)::varchar, to_timestamp(1760000000 + n), now(), 1000, 'bench', false,
    json_object(
        'id', 50000000 + n, 'name', 'Сделка ' || n, 'price', 1000 + n % 500000, 'responsible_user_id', 3100037,
        'status_id', case n % 3 when 0 then 142 when 1 then 143 else 60013 end, 'pipeline_id', 6001, 'loss_reason_id', null,
        'created_at', 1727740800 + (n % 540) * 86400, 'updated_at', 1727740800 + (n % 540) * 86400 + 500000,
        'closed_at', case when n % 3 < 2 then 1727740800 + (n % 540) * 86400 + 400000 end, 'is_deleted', false,
        'custom_fields_values', [{'field_id': 700313, 'field_name': 'Источник', 'field_code': null, 'values': [{'value': 'Звонок'}]}],
        '_embedded', {'tags': [], 'companies': [], 'contacts': [{'id': 40000000 + ($share * 200000)::bigint + n % ($share * 200000)::bigint, 'is_main': true}]}
    )
from range(($share * 500000)::bigint) as numbers (n);

insert into raw.amocrm__events
select
    'sales', printf('01k%012d%d', n, step), to_timestamp(1727740800 + (n % 540) * 86400 + step * 90000), now(), 1000, 'bench', false,
    json_object(
        'id', printf('01k%012d%d', n, step), 'type', 'lead_status_changed', 'entity_id', 50000000 + n, 'entity_type', 'lead',
        'created_by', 3100037, 'created_at', 1727740800 + (n % 540) * 86400 + step * 90000,
        'value_before', [{'lead_status': {'id': 60010 + step, 'pipeline_id': 6001}}],
        'value_after', [{'lead_status': {'id': case when step = 4 then case n % 3 when 0 then 142 when 1 then 143 else 60013 end else 60011 + step end, 'pipeline_id': 6001}}]
    )
from range(($share * 500000)::bigint) as numbers (n), range(1, 5) as steps (step);

insert into raw.bitrix24__calls
select
    'portal', (90000000 + n)::varchar, null, now(), 1000, 'bench', false,
    json_object(
        'ID', (90000000 + n)::varchar, 'PORTAL_USER_ID', '17', 'PORTAL_NUMBER', 'reg133788',
        'PHONE_NUMBER', '79' || printf('%02d', m // 10000000) || printf('%07d', m % 10000000), 'CALL_ID', 'bench-' || n,
        'CALL_CATEGORY', 'external', 'CALL_DURATION', case when n % 4 = 0 then '0' else (20 + n % 300)::varchar end,
        'CALL_START_DATE', strftime(timestamp '2024-10-01 09:00:00' + interval (n % 785000) minute, '%Y-%m-%dT%H:%M:%S') || '+03:00',
        'CALL_FAILED_CODE', case when n % 4 = 0 then '304' else '200' end, 'CALL_TYPE', case when n % 3 = 0 then '1' else '2' end,
        'CRM_ENTITY_TYPE', null, 'CRM_ENTITY_ID', null, 'CRM_ACTIVITY_ID', null
    )
from (
    select n, (n * 31) % ($share * 400000)::bigint as m
    from range(($share * 2000000)::bigint) as numbers (n)
) as calls;

insert into meta.loads select 1000, 'books', 'sales_register', 1, count(*), now() from raw.onec__sales_register;
