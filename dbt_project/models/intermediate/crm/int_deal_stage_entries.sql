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
        change_order,
        pipeline_id,
        source || ':' || pipeline_id_before || ':' || stage_id_before as stage_key_before,
        source || ':' || pipeline_id || ':' || stage_id as stage_key,
        row_number() over (partition by deal_key order by changed_at, change_order) as number_from_first,
        row_number() over (partition by deal_key order by changed_at desc, change_order desc) as number_from_last
    from {{ ref('int_deal_stage_changes') }}
    -- a change into nobody knows what is none
    where pipeline_id is not null and stage_id is not null

),

states as (

    -- the creation is no change: its stage is what the first change left, or the present one when nothing ever changed
    select
        deals.deal_key as deal_key,
        deals.created_at,
        0 as phase,
        'created' as origin,
        deals.created_at as entered_at,
        '' as change_order,
        case
            when changes.deal_key is null then deals.stage_key
            when changes.stage_key_before is not null then changes.stage_key_before
            when changes.changed_at <= deals.created_at then changes.stage_key
            else coalesce(first_stages.stage_key, changes.stage_key)
        end as stage_key
    from deals
    left join changes on deals.deal_key = changes.deal_key and changes.number_from_first = 1
    left join first_stages on changes.source = first_stages.source and changes.pipeline_id = first_stages.pipeline_id

    union all

    select
        deals.deal_key as deal_key,
        deals.created_at,
        1 as phase,
        -- a system without a history of its own has what the runs have seen
        case when changes.change_order like 'seen:%' then 'observed' else 'history' end as origin,
        greatest(changes.changed_at, deals.created_at) as entered_at,
        changes.change_order,
        changes.stage_key as stage_key
    from deals
    inner join changes on deals.deal_key = changes.deal_key

    union all

    -- the card stands in a stage that the history does not reach: only this run has seen it
    select
        deals.deal_key as deal_key,
        deals.created_at,
        2 as phase,
        'observed' as origin,
        greatest(deals.stage_seen_at, changes.changed_at, deals.created_at) as entered_at,
        '' as change_order,
        deals.stage_key
    from deals
    inner join changes on deals.deal_key = changes.deal_key and changes.number_from_last = 1
    where changes.stage_key <> deals.stage_key and deals.updated_at >= changes.changed_at

),

ordered as (

    select
        states.*,
        stages.stage_kind,
        lag(states.stage_key) over (
            partition by states.deal_key
            order by states.phase, states.entered_at, states.change_order
        ) as stage_key_before
    from states
    left join stages on states.stage_key = stages.stage_key
    where states.stage_key is not null

),

entries as (

    select
        deal_key,
        stage_key,
        coalesce(stage_kind, 'open') as stage_kind,
        origin,
        -- also where the stage of the creation is not known
        case when stage_key_before is null then created_at else entered_at end as entered_at,
        row_number() over (partition by deal_key order by phase, entered_at, change_order) as entry_number
    from ordered
    -- the same stage twice in a row is one entry
    where stage_key_before is null or stage_key_before <> stage_key

),

runs as (

    select
        *,
        lag(stage_kind) over (partition by deal_key order by entry_number) as kind_before,
        lead(entered_at) over (partition by deal_key order by entry_number) as left_at
    from entries

),

numbered_runs as (

    select
        *,
        sum(case when kind_before is null or kind_before <> stage_kind then 1 else 0 end) over (
            partition by deal_key
            order by entry_number
            rows between unbounded preceding and current row
        ) as run_number
    from runs
)

select
    deal_key,
    {{ cast_as('entry_number', 'integer') }} as entry_number,
    stage_key,
    stage_kind,
    origin,
    entered_at,
    left_at,
    left_at is null as is_current,
    -- since when the deal has been open, won or lost without a break
    min(entered_at) over (partition by deal_key, run_number) as status_since,
    min(entry_number) over (partition by deal_key, run_number) = entry_number as is_status_start,
    -- created: nothing tells when the status began, the deal has it since it is known
    first_value(origin) over (partition by deal_key, run_number order by entry_number) as status_origin
from numbered_runs
