-- A returned deal has, in one attribution model, shares that do not sum to 1, or no share at all.
with

models as (

    select distinct attribution_model
    from {{ ref('int_touch_weights') }}

)

select
    deals.deal_key,
    models.attribution_model,
    sum(weights.weight) as weight
from {{ ref('fct_deals') }} as deals
cross join models
left join {{ ref('int_touch_weights') }} as weights
    on deals.deal_key = weights.deal_key and models.attribution_model = weights.attribution_model
group by deals.deal_key, models.attribution_model
having sum(weights.weight) is null or abs(sum(weights.weight) - 1) > 0.000000001
