-- Reports of a shop's day whose receipts are counted too: the same sales a second time. They meet by shift, else by cash register and day,
-- else by warehouse and day. Where sales come from the register, only receipts that moved it are counted.
with

register_sources as (

    select distinct _source as source
    from {{ ref('stg_onec__sales_register') }}
    where not is_deleted

),

counted_receipts as (

    select *
    from {{ ref('int_onec_documents') }}
    where document_kind in ('retail_receipt', 'retail_return') and is_counted

),

in_register as (

    select distinct counted_receipts.document_key as document_key
    from counted_receipts
    inner join {{ ref('int_onec_register_rows') }} as register_rows
        on counted_receipts.source = register_rows.source and counted_receipts.document_id = register_rows.recorder_id

),

receipts as (

    select *
    from counted_receipts
    where
        source not in (select source from register_sources)
        or document_key in (select document_key from in_register)

),

reports as (

    select *
    from {{ ref('int_onec_documents') }}
    where document_kind = 'retail_report'

)

select reports.document_key
from reports
inner join receipts on reports.source = receipts.source and reports.shift_id = receipts.shift_id
group by reports.document_key

union

select reports.document_key
from reports
inner join receipts
    on
        reports.source = receipts.source
        and reports.cash_register_id = receipts.cash_register_id
        and reports.document_date = receipts.document_date
where reports.shift_id is null or receipts.shift_id is null
group by reports.document_key

union

select reports.document_key
from reports
inner join receipts
    on
        reports.source = receipts.source
        and reports.warehouse_key = receipts.warehouse_key
        and reports.document_date = receipts.document_date
where
    (reports.shift_id is null or receipts.shift_id is null)
    and (reports.cash_register_id is null or receipts.cash_register_id is null)
group by reports.document_key
