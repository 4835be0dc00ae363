with

deals as (

    select
        deal_key,
        source,
        stage_key,
        created_at,
        updated_at,
        stage_seen_at
    from {{ ref('int_deal_records') }}

),

stages as (

    select
        stage_key,
        source,
        pipeline_id,
        stage_kind,
        stage_position
    from {{ ref('int_stages') }}

),

first_stages as (

    select
        source,
        pipeline_id,
        {{ arg_min('stage_key', 'stage_position') }} as stage_key
    from stages
    where stage_kind <> 'lost'
    group by source, pipeline_id

),

changes as (

    select
        deal_key,
        source,
        changed_at,
        pipeline_id,
        source || ':' || pipeline_id_before || ':' || stage_id_before as stage_key_before,
        source || ':' || pipeline_id || ':' || stage_id as stage_key,
        -- a system without a history of its own has what the runs have seen
        case when change_order like 'seen:%' then 2 else 1 end as origin_code,
        row_number() over (partition by deal_key order by changed_at, change_order) as change_number,
        lag(source || ':' || pipeline_id || ':' || stage_id) over (
            partition by deal_key
            order by changed_at, change_order
        ) as change_before,
        lead(deal_key) over (partition by deal_key order by changed_at, change_order) is null as is_last_change
    from {{ ref('int_deal_stage_changes') }}
    -- a change into nobody knows what is none
    where pipeline_id is not null and stage_id is not null

),

dated as (

    select
        deals.deal_key as deal_key,
        deals.created_at,
        greatest(changes.changed_at, deals.created_at) as changed_at,
        changes.stage_key as stage_key,
        changes.origin_code,
        changes.change_number,
        -- the creation is no change: its stage is what the first change left
        case
            when changes.change_number > 1 then changes.change_before
            when changes.stage_key_before is not null then changes.stage_key_before
            when changes.changed_at <= deals.created_at then changes.stage_key
            else coalesce(first_stages.stage_key, changes.stage_key)
        end as stage_key_before,
        -- the card stands in a stage that the history does not reach: only this run has seen it
        case
            when changes.is_last_change and changes.stage_key <> deals.stage_key and deals.updated_at >= changes.changed_at
                then deals.stage_key
        end as seen_stage_key,
        greatest(deals.stage_seen_at, changes.changed_at, deals.created_at) as seen_at
    from changes
    inner join deals on changes.deal_key = deals.deal_key
    left join first_stages on changes.source = first_stages.source and changes.pipeline_id = first_stages.pipeline_id

),

-- the same stage twice in a row is one entry
states as (

    select
        deal_key,
        0 as place,
        0 as origin_code,
        created_at as entered_at,
        stage_key_before as stage_key,
        {{ cast_as('null', 'varchar') }} as stage_key_before
    from dated
    where change_number = 1

    union all

    select
        deal_key,
        change_number as place,
        origin_code,
        changed_at as entered_at,
        stage_key,
        stage_key_before
    from dated
    where stage_key <> stage_key_before

    union all

    select
        deal_key,
        change_number + 1 as place,
        2 as origin_code,
        seen_at as entered_at,
        seen_stage_key as stage_key,
        stage_key as stage_key_before
    from dated
    where seen_stage_key is not null

    union all

    -- nothing ever changed: the stage of the creation is the present one
    select
        deals.deal_key as deal_key,
        0 as place,
        0 as origin_code,
        deals.created_at as entered_at,
        deals.stage_key as stage_key,
        {{ cast_as('null', 'varchar') }} as stage_key_before
    from deals
    left join changes on deals.deal_key = changes.deal_key and changes.change_number = 1
    where changes.deal_key is null and deals.stage_key is not null

),

entries as (

    select
        states.deal_key as deal_key,
        states.stage_key as stage_key,
        coalesce(stages.stage_kind, 'open') as stage_kind,
        states.place,
        states.origin_code,
        states.entered_at,
        states.stage_key_before is null or coalesce(stages.stage_kind, 'open') <> coalesce(stages_before.stage_kind, 'open')
            as is_status_start
    from states
    left join stages on states.stage_key = stages.stage_key
    left join stages as stages_before on states.stage_key_before = stages_before.stage_key

),

-- one sort for all: what begins a status is known by its place, which carries the origin
followed as (

    select
        deal_key,
        stage_key,
        stage_kind,
        origin_code,
        entered_at,
        is_status_start,
        row_number() over (partition by deal_key order by place) as entry_number,
        lead(entered_at) over (partition by deal_key order by place) as left_at,
        max(case when is_status_start then entered_at end) over (
            partition by deal_key
            order by place
            rows between unbounded preceding and current row
        ) as status_since,
        max(case when is_status_start then place * 3 + origin_code end) over (
            partition by deal_key
            order by place
            rows between unbounded preceding and current row
        ) % 3 as status_origin_code
    from entries
)

select
    deal_key,
    {{ cast_as('entry_number', 'integer') }} as entry_number,
    stage_key,
    stage_kind,
    case origin_code when 0 then 'created' when 1 then 'history' else 'observed' end as origin,
    entered_at,
    left_at,
    left_at is null as is_current,
    -- since when the deal has been open, won or lost without a break
    status_since,
    is_status_start,
    -- created: nothing tells when the status began, the deal has it since it is known
    case status_origin_code when 0 then 'created' when 1 then 'history' else 'observed' end as status_origin
from followed
