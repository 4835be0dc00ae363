{#-
    Canonical entities out of staging models in the shape of feeds (ingestion/mapped/columns.py says what each column means): a system whose
    staging is stg_<system>__customers, __deals … in these columns gets its <entity>__<system> models in one line each.
    Ids of customers are the system's own; those of contacts are told apart by `contact:`.
-#}

{% macro feed_customer_cards(system) -%}
with

cards as (

    select
        _source as source,
        customer_id as source_customer_id,
        case when customer_type = 'person' then 'contact' else 'company' end as card_kind,
        customer_name,
        coalesce(customer_type, 'unknown') as customer_type,
        tax_id,
        kpp,
        city,
        manager_id,
        parent_id,
        created_at,
        source_url
    from {{ ref('stg_' ~ system ~ '__customers') }}
    where not is_deleted

    union all

    select
        _source as source,
        'contact:' || contact_id as source_customer_id,
        'contact' as card_kind,
        contact_name as customer_name,
        'person' as customer_type,
        cast(null as {{ text_type() }}) as tax_id,
        cast(null as {{ text_type() }}) as kpp,
        cast(null as {{ text_type() }}) as city,
        manager_id,
        customer_id as parent_id,
        created_at,
        source_url
    from {{ ref('stg_' ~ system ~ '__contacts') }}
    where not is_deleted
)

select
    {{ crm_key('cards.source', 'cards.source_customer_id') }} as card_key,
    cards.source as source,
    cards.source_customer_id as source_customer_id,
    cards.card_kind as card_kind,
    cards.customer_name as customer_name,
    cards.customer_type as customer_type,
    cards.tax_id as tax_id,
    cards.kpp as kpp,
    cards.city as city,
    {{ crm_key('cards.source', 'cards.manager_id') }} as manager_ref,
    -- of a card that is not there (any more) nobody is part
    {{ crm_key('parents._source', 'parents.customer_id') }} as parent_card_key,
    cards.created_at as created_at,
    {{ is_technical_customer('cards.source', 'cards.source_customer_id', 'cards.customer_name') }} as is_technical,
    false as is_marked,
    cards.source_url as source_url
from cards
left join {{ ref('stg_' ~ system ~ '__customers') }} as parents
    on cards.source = parents._source and cards.parent_id = parents.customer_id and not parents.is_deleted
{%- endmacro %}

{#- Phones and e-mails may be several in one text, divided by commas or semicolons: the first four count. -#}
{% macro feed_customer_identifiers(system) -%}
with

cards as (

    select
        _source as source,
        customer_id as source_customer_id,
        replace(phone, ';', ',') as phone,
        replace(email, ';', ',') as email,
        tax_id,
        code
    from {{ ref('stg_' ~ system ~ '__customers') }}
    where not is_deleted

    union all

    select
        _source as source,
        'contact:' || contact_id as source_customer_id,
        replace(phone, ';', ',') as phone,
        replace(email, ';', ',') as email,
        cast(null as {{ text_type() }}) as tax_id,
        cast(null as {{ text_type() }}) as code
    from {{ ref('stg_' ~ system ~ '__contacts') }}
    where not is_deleted

),

found as (
    {% for kind in ['phone', 'email'] %}
    {%- for part in [1, 2, 3, 4] %}
    select
        source,
        source_customer_id,
        '{{ kind }}' as identifier_kind,
        trim({{ text_part(kind, ',', part) }}) as identifier_value
    from cards

    union all
    {% endfor -%}
    {% endfor %}
    select
        source,
        source_customer_id,
        'tax_id' as identifier_kind,
        tax_id as identifier_value
    from cards

    union all

    select
        source,
        source_customer_id,
        'crm_code' as identifier_kind,
        code as identifier_value
    from cards
)

select distinct
    {{ crm_key('source', 'source_customer_id') }} as card_key,
    identifier_kind,
    identifier_value
from found
where identifier_value is not null and identifier_value <> ''
{%- endmacro %}

{% macro feed_manager_cards(system) -%}
select
    {{ crm_key('_source', 'manager_id') }} as manager_ref,
    _source as source,
    manager_id,
    manager_name,
    email,
    internal_code,
    extension,
    department,
    coalesce(is_active, true) as is_active
from {{ ref('stg_' ~ system ~ '__managers') }}
where not is_deleted and manager_id is not null
{%- endmacro %}

{% macro feed_product_cards(system, path='category') -%}
select
    {{ crm_key('_source', 'product_id') }} as product_ref,
    _source as source,
    sku,
    product_name,
    category,
    {{ path }} as category_path,
    unit
from {{ ref('stg_' ~ system ~ '__products') }}
where not is_deleted and product_id is not null
{%- endmacro %}

{#-
    Deals with their stage. Where a deal is won or lost in a stage that does not mean so (one stage «Закрыта» for both), the stage is
    divided: `<stage>:won`, `<stage>:lost`, for a stage has one meaning in the funnel.
-#}
{% macro feed_staged(system, stream) -%}
    {%- set columns = {
        'deals': [
            '_loaded_at', 'deal_name', 'customer_id', 'contact_id', 'manager_id', 'amount', 'currency_code', 'created_at', 'updated_at',
            'closed_at', 'loss_reason', 'utm_source', 'utm_medium', 'utm_campaign', 'crm_source', 'lead_id', 'order_ref', 'source_url',
        ],
        'deal_stages': ['entered_at'],
    } %}
    select
        {% for column in ['_source', '_key', 'deal_id', 'pipeline_id', 'stage_id'] + columns[stream] -%}
        records.{{ column }} as {{ column }},
        {% endfor -%}
        coalesce(records.pipeline_id, 'main') as staged_pipeline_id,
        case
            when records.stage_kind in ('won', 'lost') and records.stage_kind <> coalesce(stages.stage_kind, 'open')
                then records.stage_id || ':' || records.stage_kind
            else records.stage_id
        end as staged_stage_id,
        coalesce(records.stage_kind, stages.stage_kind, 'open') as staged_stage_kind,
        coalesce(stages.stage_name, records.stage_id) as staged_stage_name,
        stages.pipeline_name as staged_pipeline_name,
        stages.sort as staged_sort
    from {{ ref('stg_' ~ system ~ '__' ~ stream) }} as records
    left join {{ ref('stg_' ~ system ~ '__stages') }} as stages
        on
            records._source = stages._source
            and records.stage_id = stages.stage_id
            and coalesce(records.pipeline_id, 'main') = coalesce(stages.pipeline_id, 'main')
            and not stages.is_deleted
    where not records.is_deleted and records.stage_id is not null
{%- endmacro %}

{% macro feed_stage_records(system) -%}
with

staged as (

    {{ feed_staged(system, 'deals') }}
)

select
    _source as source,
    coalesce(pipeline_id, 'main') as pipeline_id,
    pipeline_name,
    stage_id,
    coalesce(stage_name, stage_id) as stage_name,
    sort,
    coalesce(stage_kind, 'open') as stage_kind,
    false as is_unsorted
from {{ ref('stg_' ~ system ~ '__stages') }}
where not is_deleted and stage_id is not null

union all

-- the two halves of a stage that means neither won nor lost by itself stand behind it
select distinct
    _source as source,
    staged_pipeline_id as pipeline_id,
    staged_pipeline_name as pipeline_name,
    staged_stage_id as stage_id,
    staged_stage_name as stage_name,
    coalesce(staged_sort, 1000000) as sort,
    staged_stage_kind as stage_kind,
    false as is_unsorted
from staged
where staged_stage_id <> stage_id
{%- endmacro %}

{% macro feed_deal_records(system) -%}
with

staged as (

    {{ feed_staged(system, 'deals') }}
)

select
    {{ crm_key('_source', 'deal_id') }} as deal_key,
    _source as source,
    deal_id,
    coalesce(deal_name, deal_id) as deal_name,
    staged_pipeline_id as pipeline_id,
    staged_stage_id as stage_id,
    _source || ':' || staged_pipeline_id || ':' || staged_stage_id as stage_key,
    staged_stage_kind as stage_kind,
    {{ crm_key('_source', 'customer_id') }} as company_card_key,
    {{ crm_key('_source', 'contact_id', 'contact') }} as contact_card_key,
    {{ crm_key('_source', 'manager_id') }} as manager_ref,
    amount,
    coalesce({{ upper_case('currency_code') }}, '{{ var("base_currency") }}') as currency_code,
    coalesce(created_at, updated_at, _loaded_at) as created_at,
    coalesce(updated_at, _loaded_at) as updated_at,
    coalesce(closed_at, updated_at, created_at, _loaded_at) as stage_seen_at,
    closed_at as system_closed_at,
    loss_reason,
    utm_source,
    utm_medium,
    utm_campaign,
    crm_source,
    lead_id,
    order_ref,
    source_url
from staged
where deal_id is not null
{%- endmacro %}

{#-
    The first row of a deal is the stage it was made in. Of changes at one moment that with the smaller id was first (has_ids), else (days
    alone, say) that into the earlier stage.
-#}
{% macro feed_deal_stage_changes(system, has_ids=true) -%}
with

staged as (

    {{ feed_staged(system, 'deal_stages') }}

),

placed as (

    select
        staged._source as _source,
        staged._key as _key,
        staged.deal_id as deal_id,
        staged.entered_at,
        staged.staged_stage_id,
        staged.staged_stage_kind,
        coalesce(staged.pipeline_id, deals.pipeline_id, 'main') as placed_pipeline_id,
        row_number() over (
            partition by staged._source, staged.deal_id
            order by
                staged.entered_at,
                {%- if not has_ids %}
                coalesce(staged.staged_sort, 1000000),
                {%- endif %}
                {{ id_order('staged._key') }}
        ) as place
    from staged
    inner join {{ ref('stg_' ~ system ~ '__deals') }} as deals
        on staged._source = deals._source and staged.deal_id = deals.deal_id and not deals.is_deleted
    where staged.entered_at is not null
)

select
    {{ crm_key('_source', 'deal_id') }} as deal_key,
    _source as source,
    entered_at as changed_at,
    {{ id_order('_key' if has_ids else 'cast(place as ' ~ text_type() ~ ')') }} as change_order,
    case when place = 1 then placed_pipeline_id end as pipeline_id_before,
    case when place = 1 then staged_stage_id end as stage_id_before,
    placed_pipeline_id as pipeline_id,
    staged_stage_id as stage_id,
    staged_stage_kind as stage_kind
from placed
{%- endmacro %}

{% macro feed_deal_origins(system) -%}
{%- for entity, key in {'int_deal_records': 'deal_key', 'int_leads': 'lead_key'}.items() %}
select
    source,
    {{ key }} as record_key,
    utm_source,
    utm_medium,
    utm_campaign,
    crm_source
from {{ ref(entity ~ '__' ~ system) }}
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{#- A lead may be made into several deals; the first is its conversion. -#}
{% macro feed_leads(system) -%}
with

deals as (

    select
        _source,
        deal_id,
        lead_id,
        row_number() over (partition by _source, lead_id order by created_at, {{ id_order('deal_id') }}) as place
    from {{ ref('stg_' ~ system ~ '__deals') }}
    where not is_deleted and lead_id is not null

),

leads as (

    select
        leads._source as _source,
        leads.lead_id as lead_id,
        leads.lead_status,
        leads.customer_id,
        leads.contact_id,
        leads.manager_id,
        coalesce(leads.created_at, leads._loaded_at) as created_at,
        leads.closed_at,
        leads.utm_source,
        leads.utm_medium,
        leads.utm_campaign,
        leads.crm_source,
        leads.loss_reason,
        coalesce(leads.deal_id, deals.deal_id) as made_deal_id
    from {{ ref('stg_' ~ system ~ '__leads') }} as leads
    left join deals on leads._source = deals._source and leads.lead_id = deals.lead_id and deals.place = 1
    where not leads.is_deleted and leads.lead_id is not null

),

judged as (

    select
        *,
        case when coalesce(lead_status, 'open') <> 'open' then lead_status when made_deal_id is not null then 'converted' else 'open' end as status
    from leads
)

select
    {{ crm_key('_source', 'lead_id', 'lead') }} as lead_key,
    _source as source,
    created_at,
    case when status <> 'open' then coalesce(closed_at, created_at) end as closed_at,
    status as lead_status,
    {{ crm_key('_source', 'made_deal_id') }} as deal_key,
    {{ crm_key('_source', 'customer_id') }} as company_card_key,
    {{ crm_key('_source', 'contact_id', 'contact') }} as contact_card_key,
    {{ crm_key('_source', 'manager_id') }} as manager_ref,
    utm_source,
    utm_medium,
    utm_campaign,
    crm_source,
    case when status = 'lost' then loss_reason end as loss_reason
from judged
{%- endmacro %}

{% macro feed_tasks(system) -%}
select
    {{ crm_key('_source', 'task_id', 'task') }} as task_key,
    _source as source,
    coalesce(task_type, 'task') as task_type,
    {{ crm_key('_source', 'deal_id') }} as deal_key,
    {{ crm_key('_source', 'customer_id') }} as card_key,
    {{ crm_key('_source', 'manager_id') }} as manager_ref,
    created_at,
    due_at,
    completed_at
from {{ ref('stg_' ~ system ~ '__tasks') }}
where not is_deleted and task_id is not null
{%- endmacro %}

{#- A call without a manager's id is of the manager whose extension it names. -#}
{% macro feed_call_legs(system) -%}
with

extensions as (

    select
        _source,
        extension,
        min(manager_id) as manager_id
    from {{ ref('stg_' ~ system ~ '__managers') }}
    where not is_deleted and extension is not null
    group by _source, extension
    having count(*) = 1
)

select
    calls._source as source,
    {{ crm_key('calls._source', 'coalesce(calls.call_group, calls.call_id)', 'call') }} as call_group,
    calls.call_id as leg_id,
    calls.started_at,
    case when calls.direction = 'in' then 'in' else 'out' end as direction,
    calls.phone,
    {{ crm_key('calls._source', 'calls.customer_id') }} as card_key,
    {{ crm_key('calls._source', 'calls.deal_id') }} as deal_key,
    {{ crm_key('calls._source', 'coalesce(calls.manager_id, extensions.manager_id)') }} as manager_ref,
    case when coalesce(calls.is_answered, calls.talk_seconds > 0, false) then coalesce(calls.talk_seconds, 0) else 0 end as talk_seconds,
    coalesce(calls.is_answered, calls.talk_seconds > 0, false) as is_answered,
    true as adds_up,
    false as is_robot,
    coalesce(calls.direction = 'internal', false) as is_internal,
    {{ cast_as('calls.wait_seconds', 'integer') }} as wait_seconds,
    calls.extension,
    -- a call that names neither a customer nor a deal is told by the exchange, not by a CRM
    calls.customer_id is null and calls.deal_id is null as is_exchange
from {{ ref('stg_' ~ system ~ '__calls') }} as calls
left join extensions on calls._source = extensions._source and calls.extension = extensions.extension
where not calls.is_deleted and calls.call_id is not null and calls.started_at is not null
{%- endmacro %}
