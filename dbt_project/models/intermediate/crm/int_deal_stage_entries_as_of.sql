with

dated as (

    select
        entries.deal_key as deal_key,
        entries.entry_number,
        entries.stage_key as stage_key,
        entries.stage_kind as stage_kind,
        entries.is_current,
        entries.status_since,
        -- the closing stage holds since the closing moment, even where the history dates it otherwise or has no date for it
        case
            when entries.is_current and entries.is_status_start and entries.stage_kind <> 'open' and deals.closed_at is not null
                then deals.closed_at
            else entries.entered_at
        end as entered_at
    from {{ ref('int_deal_stage_entries') }} as entries
    inner join {{ ref('int_deals') }} as deals on entries.deal_key = deals.deal_key

),

stages as (

    select
        stage_key as known_stage_key,
        source,
        pipeline_id,
        pipeline_name,
        stage_position
    from {{ ref('int_stages') }}

),

-- what the dictionary knows of a stage is looked up after the sort: it is the widest part of a row
followed as (

    select
        deal_key,
        entry_number,
        stage_key,
        stage_kind,
        is_current,
        status_since,
        entered_at,
        lead(entered_at) over (partition by deal_key order by entry_number) as left_at,
        lead(stage_kind) over (partition by deal_key order by entry_number) as next_stage_kind,
        lead(stage_key) over (partition by deal_key order by entry_number) as next_stage_key
    from dated
    where entered_at < {{ as_of_end() }}

)

select
    followed.deal_key,
    followed.entry_number,
    followed.stage_key,
    followed.stage_kind,
    stages.stage_position as stage_position,
    stages.source as source,
    stages.pipeline_id as pipeline_id,
    stages.pipeline_name as pipeline_name,
    followed.entered_at,
    followed.left_at,
    followed.left_at is null as is_last,
    case when followed.is_current and followed.stage_kind <> 'open' then null else followed.status_since end as status_since,
    followed.next_stage_kind,
    coalesce(
        followed.next_stage_kind = 'won'
        or (
            followed.next_stage_kind = 'open'
            and next_stages.source = stages.source
            and next_stages.pipeline_id = stages.pipeline_id
            and next_stages.stage_position > stages.stage_position
        ),
        false
    ) as is_exit_forward,
    coalesce(followed.next_stage_kind = 'lost', false) as is_exit_lost,
    case
        when followed.stage_kind = 'open'
            then greatest(
                {{ hours_between('followed.entered_at', 'coalesce(followed.left_at, least(' ~ as_of_end() ~ ', loads.newest_load_at))') }},
                0.0
            )
    end as hours_in_stage
from followed
inner join stages on followed.stage_key = stages.known_stage_key
left join stages as next_stages on followed.next_stage_key = next_stages.known_stage_key
cross join {{ ref('int_newest_load') }} as loads
