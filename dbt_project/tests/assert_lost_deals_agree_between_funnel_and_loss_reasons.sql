-- A returned row is a stage at which the funnel and the loss reasons count different losses.
with

funnel as (

    select
        stage_key,
        sum(deals_lost) as deals
    from {{ ref('sales_funnel') }}
    group by stage_key

),

reasons as (

    select
        stage_key,
        sum(deals) as deals
    from {{ ref('loss_reasons') }}
    -- in a pipeline that no dictionary lists nobody knows where a deal was lost
    where stage_key is not null
    group by stage_key
)

select
    coalesce(funnel.stage_key, reasons.stage_key) as stage_key,
    funnel.deals as funnel_deals,
    reasons.deals as reasons_deals
from funnel
full outer join reasons on funnel.stage_key = reasons.stage_key
where coalesce(funnel.deals, 0) <> coalesce(reasons.deals, 0)
