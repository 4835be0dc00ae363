-- Levels of the cumulative discount: the spreadsheet's when there is one, else the seed's. They are one scale, so the two never mix:
-- a level left over from the seed would promise a discount that the company does not give.
with

told as (

    select
        tier_name,
        min_turnover,
        discount,
        1 as priority,
        _load_id as row_order
    from {{ ref('stg_spreadsheet__discount_tiers') }}
    where not is_deleted and tier_name is not null and min_turnover is not null

    union all

    select
        tier_name,
        min_turnover,
        discount,
        2 as priority,
        0 as row_order
    from {{ ref('discount_tiers') }}
    where 0 = (
        select count(*) from {{ ref('stg_spreadsheet__discount_tiers') }}
        where not is_deleted and tier_name is not null and min_turnover is not null
    )

),

ranked as (

    select
        *,
        row_number() over (partition by {{ lower_case('tier_name') }} order by priority asc, row_order desc) as place
    from told

)

select
    tier_name,
    {{ cast_as('min_turnover', 'decimal(18,2)') }} as min_turnover,
    {{ cast_as('coalesce(discount, 0)', 'double') }} as discount
from ranked
where place = 1
