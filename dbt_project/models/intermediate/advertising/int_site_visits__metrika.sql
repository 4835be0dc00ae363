{{ config(materialized=inlined()) }}
select
    {{ crm_key('_source', 'visit_id', 'visit') }} as visit_key,
    _source as source,
    -- the id that the counter gives a browser: a CRM that keeps it knows whose visit it was
    nullif(trim(client_id), '') as visitor_id,
    {{ source_instant('visited_wall') }} as visited_at,
    nullif(trim(utm_source), '') as utm_source,
    nullif(trim(utm_medium), '') as utm_medium,
    nullif(trim(utm_campaign), '') as utm_campaign,
    start_url
from {{ ref('stg_metrika__visits') }}
where not is_deleted and visit_id is not null and visited_wall is not null
