{#-
    Which advertising campaign an origin means. origins: relation with origin_id, utm_source, utm_campaign; campaigns:
    relation with campaign_key, advertising_system, campaign_id, campaign_name, utm_campaign. The mark meets a campaign by
    id, by an id of 6 to 10 digits inside it («brand_41007919»), or by name; within the advertising system that utm_source
    tells (seed utm_sources), else anywhere; only where exactly one campaign fits.
    Gives a list of CTEs that ends in `<name>_campaigns` (origin_id, campaign_key).
-#}
{% macro match_campaigns(name, origins, campaigns) -%}
{{ name }}_marks as (

    select
        origins.origin_id,
        systems.advertising_system,
        {{ mark_folded('origins.utm_campaign') }} as mark,
        {{ text_extract_pattern(unescaped('origins.utm_campaign'), '(^|[^0-9])([0-9]{6,10})([^0-9]|$)', 2) }} as id_inside
    from {{ origins }} as origins
    left join {{ ref('utm_sources') }} as systems
        on {{ mark_folded('origins.utm_source') }} = {{ look_alike_folded('systems.utm_source') }}
    where origins.utm_campaign is not null

),

{{ name }}_names as (

    select
        campaign_key,
        advertising_system,
        campaign_id as name_text,
        1 as rule
    from {{ campaigns }}
    where campaign_id is not null

    union

    select
        campaign_key,
        advertising_system,
        {{ mark_folded('utm_campaign') }} as name_text,
        2 as rule
    from {{ campaigns }}
    where utm_campaign is not null

    union

    select
        campaign_key,
        advertising_system,
        {{ look_alike_folded('campaign_name') }} as name_text,
        2 as rule
    from {{ campaigns }}
    where campaign_name is not null

),

{{ name }}_candidates as (

    select
        marks.origin_id,
        names.campaign_key,
        names.rule
    from {{ name }}_marks as marks
    inner join {{ name }}_names as names on marks.mark = names.name_text
    where marks.advertising_system is null or marks.advertising_system = names.advertising_system

    union

    select
        marks.origin_id,
        names.campaign_key,
        1 as rule
    from {{ name }}_marks as marks
    inner join {{ name }}_names as names on marks.id_inside = names.name_text and names.rule = 1
    where marks.advertising_system is null or marks.advertising_system = names.advertising_system

),

{{ name }}_counted as (

    select
        origin_id,
        rule,
        min(campaign_key) as campaign_key,
        count(distinct campaign_key) as campaigns
    from {{ name }}_candidates
    group by origin_id, rule

),

{{ name }}_campaigns as (

    select
        origin_id,
        {{ arg_min('campaign_key', 'rule') }} as campaign_key
    from {{ name }}_counted
    where campaigns = 1
    group by origin_id

)
{%- endmacro %}
