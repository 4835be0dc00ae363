with

claims as (

    select
        {{ month_start('registered_date') }} as month,
        claim_type,
        reason,
        count(*) as claims,
        sum(case when is_open then 1 else 0 end) as claims_open,
        {{ median('days_to_resolve') }} as days_to_resolve,
        sum(coalesce(amount_base, 0)) as amount
    from {{ ref('fct_claims') }}
    where registered_date <= {{ as_of_date() }}
    group by {{ month_start('registered_date') }}, claim_type, reason

),

sales as (

    select
        {{ month_start('sale_date') }} as month,
        sum(revenue_base) as revenue
    from {{ ref('fct_sales') }}
    where sale_date <= {{ as_of_date() }}
    group by {{ month_start('sale_date') }}

)

select
    claims.month,
    claims.claim_type,
    claims.reason,
    {{ cast_as('claims.claims', 'bigint') }} as claims,
    {{ cast_as('claims.claims_open', 'bigint') }} as claims_open,
    claims.days_to_resolve,
    {{ cast_as('claims.amount', 'decimal(18,2)') }} as amount,
    {{ ratio('claims.amount', 'sales.revenue') }} as share_of_sales
from claims
left join sales on claims.month = sales.month
