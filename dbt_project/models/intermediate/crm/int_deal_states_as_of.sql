with

deals as (

    select *
    from {{ ref('int_deals') }}
    where created_at < {{ as_of_end() }}

),

first_stages as (

    select
        source,
        pipeline_id,
        {{ arg_min('stage_key', 'stage_position') }} as stage_key
    from {{ ref('int_stages') }}
    where stage_kind <> 'lost'
    group by source, pipeline_id

),

last_entries as (

    select
        deal_key,
        pipeline_id,
        stage_key,
        stage_kind,
        status_since,
        entered_at
    from {{ ref('int_deal_stage_entries_as_of') }}
    where is_last

),

states as (

    select
        deals.deal_key as deal_key,
        coalesce(last_entries.pipeline_id, deals.pipeline_id) as pipeline_id,
        coalesce(last_entries.stage_kind, 'open') as deal_status,
        -- a deal whose only known stage is a later closing stands at the beginning
        coalesce(last_entries.stage_key, first_stages.stage_key, deals.stage_key) as stage_key,
        case
            when last_entries.stage_kind <> 'open' then coalesce(last_entries.status_since, deals.closed_at, last_entries.entered_at)
        end as closed_at
    from deals
    left join last_entries on deals.deal_key = last_entries.deal_key
    left join first_stages on deals.source = first_stages.source and deals.pipeline_id = first_stages.pipeline_id

),

reached as (

    select
        states.deal_key as deal_key,
        max(entries.stage_position) as highest_position,
        {{ arg_max('entries.stage_key', 'entries.entry_number') }} as last_open_stage_key
    from states
    inner join {{ ref('int_deal_stage_entries_as_of') }} as entries
        on states.deal_key = entries.deal_key and states.pipeline_id = entries.pipeline_id
    where entries.stage_kind <> 'lost'
    group by states.deal_key
)

select
    states.deal_key as deal_key,
    deals.source as source,
    states.pipeline_id as pipeline_id,
    stages.pipeline_name as pipeline_name,
    states.stage_key as stage_key,
    states.deal_status as deal_status,
    states.closed_at as closed_at,
    deals.created_at as created_at,
    deals.created_date as created_date,
    {{ business_date('states.closed_at') }} as closed_date,
    reached.highest_position,
    -- where a lost deal was lost
    coalesce(reached.last_open_stage_key, first_stages.stage_key) as last_open_stage_key,
    deals.customer_key as customer_key,
    deals.manager_key as manager_key,
    deals.manager_at_close_key as manager_at_close_key,
    deals.channel as channel,
    coalesce(deals.amount_base, 0) as amount,
    case when states.deal_status = 'lost' then deals.loss_reason end as loss_reason
from states
inner join deals on states.deal_key = deals.deal_key
left join {{ ref('int_stages') }} as stages on states.stage_key = stages.stage_key
left join first_stages on deals.source = first_stages.source and states.pipeline_id = first_stages.pipeline_id
left join reached on states.deal_key = reached.deal_key
