{#-
    The share of a deal that every attribution model gives to its touches; shares of a deal sum to 1 in each model, a touch
    with no share has no row. last_non_direct is the last touch that is not direct, else the last.
-#}
with

touches as (

    select
        deal_key,
        touch_number,
        channel,
        campaign_key,
        count(*) over (partition by deal_key) as touches,
        max(case when channel <> 'direct' then touch_number end) over (partition by deal_key) as last_non_direct,
        {{ hours_between('touched_at', 'max(touched_at) over (partition by deal_key)') }} / 24 as days_before_last
    from {{ ref('fct_touchpoints') }}

),

raw_weights as (

    select
        deal_key,
        touch_number,
        channel,
        campaign_key,
        'first_touch' as attribution_model,
        case when touch_number = 1 then 1.0 else 0.0 end as weight
    from touches

    union all

    select
        deal_key,
        touch_number,
        channel,
        campaign_key,
        'last_touch' as attribution_model,
        case when touch_number = touches then 1.0 else 0.0 end as weight
    from touches

    union all

    select
        deal_key,
        touch_number,
        channel,
        campaign_key,
        'last_non_direct' as attribution_model,
        case when touch_number = coalesce(last_non_direct, touches) then 1.0 else 0.0 end as weight
    from touches

    union all

    select
        deal_key,
        touch_number,
        channel,
        campaign_key,
        'linear' as attribution_model,
        1.0 as weight
    from touches

    union all

    select
        deal_key,
        touch_number,
        channel,
        campaign_key,
        'position_based' as attribution_model,
        case
            when touches = 1 then 1.0
            when touches = 2 then 0.5
            when touch_number = 1 then {{ var('position_weight_first') }}
            when touch_number = touches then {{ var('position_weight_last') }}
            else (1.0 - {{ var('position_weight_first') }} - {{ var('position_weight_last') }}) / (touches - 2)
        end as weight
    from touches

    union all

    select
        deal_key,
        touch_number,
        channel,
        campaign_key,
        'time_decay' as attribution_model,
        power(2.0, -days_before_last / {{ var('time_decay_half_life_days') }}) as weight
    from touches

)

select
    deal_key,
    touch_number,
    channel,
    campaign_key,
    attribution_model,
    {{ cast_as('weight', 'double') }} / sum({{ cast_as('weight', 'double') }}) over (partition by deal_key, attribution_model) as weight,
    touch_number = max(touch_number) over (partition by deal_key, attribution_model) as is_last
from raw_weights
where weight > 0
