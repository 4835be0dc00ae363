select
    {{ month_start('closed_date') }} as month,
    pipeline_name,
    last_open_stage_key as stage_key,
    loss_reason,
    manager_at_close_key as manager_key,
    channel,
    {{ cast_as('count(*)', 'bigint') }} as deals,
    {{ round_money('sum(amount)') }} as amount
from {{ ref('int_deal_states_as_of') }}
where deal_status = 'lost'
group by
    {{ month_start('closed_date') }},
    pipeline_name,
    last_open_stage_key,
    loss_reason,
    manager_at_close_key,
    channel
