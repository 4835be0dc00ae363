{{ config(materialized=inlined()) }}
-- Sums are kopecks, the time is the wall time of the till (feeds.md 2.5).
with

receipts as (

    -- a QR code does not say how much was cash: where the receipt itself is there, it counts
    select
        *,
        row_number() over (
            partition by _source, fiscal_drive, fiscal_document
            order by case when is_code then 2 else 1 end, _key
        ) as place
    from {{ ref('stg_fiscal_receipts__receipts') }}
    where not is_deleted

),

-- the closing receipt of a prepaid sale tells of money that came before; cash never passed through a service
electronic as (

    select
        *,
        case
            when electronic_kopecks > 0 then electronic_kopecks
            else
                total_kopecks - coalesce(cash_kopecks, 0) - coalesce(prepaid_kopecks, 0) - coalesce(credit_kopecks, 0)
                - coalesce(provision_kopecks, 0)
        end as paid_kopecks
    from receipts
    where place = 1

)

select
    {{ crm_key('_source', "fiscal_drive || ':' || fiscal_document") }} as payment_key,
    _source as source,
    'receipt' as seen_by,
    fiscal_drive || ':' || fiscal_document as service_id,
    coalesce({{ source_instant('printed_wall') }}, printed_epoch) as paid_at,
    case when operation_type = 2 then 'out' else 'in' end as direction,
    cast(paid_kopecks / 100.0 as {{ decimal_type(18, 2) }}) as amount,
    'RUB' as currency_code,
    {{ cast_as('null', 'varchar') }} as order_ref,
    {{ cast_as('null', 'varchar') }} as description,
    fiscal_drive || ':' || fiscal_document as fiscal_key
from electronic
where
    operation_type in (1, 2)
    and paid_kopecks > 0
    and coalesce(printed_wall, printed_epoch) is not null
