{#-
    The share of a deal that every attribution model gives to its touches; shares of a deal sum to 1 in each model, a touch
    with no share has no row. last_non_direct is the last touch that is not direct, else the last.
-#}
with

placed as (

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

weighed as (

    select
        *,
        {{ cast_as('case
            when touches = 1 then 1.0
            when touches = 2 then 0.5
            when touch_number = 1 then ' ~ var('position_weight_first') ~ '
            when touch_number = touches then ' ~ var('position_weight_last') ~ '
            else (1.0 - ' ~ var('position_weight_first') ~ ' - ' ~ var('position_weight_last') ~ ') / (touches - 2)
        end', 'double') }} as position_weight,
        power(2.0, -days_before_last / {{ var('time_decay_half_life_days') }}) as decay_weight
    from placed

),

-- what is summed is summed once over the touches, not over their rows in every model
touches as (

    select
        *,
        sum(case when position_weight > 0 then position_weight end) over (partition by deal_key) as position_sum,
        max(case when position_weight > 0 then touch_number end) over (partition by deal_key) as position_last,
        sum(decay_weight) over (partition by deal_key) as decay_sum
    from weighed

)

{% set models = [
    ['first_touch', 'touch_number = 1', '1.0', 'true'],
    ['last_touch', 'touch_number = touches', '1.0', 'true'],
    ['last_non_direct', 'touch_number = coalesce(last_non_direct, touches)', '1.0', 'true'],
    ['linear', '', '1.0 / touches', 'touch_number = touches'],
    ['position_based', 'position_weight > 0', 'position_weight / position_sum', 'touch_number = position_last'],
    ['time_decay', 'decay_weight > 0', 'decay_weight / decay_sum', 'touch_number = touches'],
] -%}
{%- for name, condition, weight, is_last in models %}
select
    deal_key,
    touch_number,
    channel,
    campaign_key,
    '{{ name }}' as attribution_model,
    {{ cast_as(weight, 'double') }} as weight,
    {{ is_last }} as is_last
from touches
{{ 'where ' ~ condition if condition }}
{{ 'union all' if not loop.last }}
{%- endfor %}
