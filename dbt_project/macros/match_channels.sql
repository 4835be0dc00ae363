{#-
    The channel of an origin by the seed channels. origins: relation with origin_id, utm_source, utm_medium, crm_source.
    Gives a list of CTEs that ends in `<name>_channels` (origin_id, channel); an origin that no rule fits is not in it.
-#}
{% macro match_channels(name, origins) -%}
{{ name }}_channel_rules as (

    select
        origins.origin_id,
        rules.channel as channel,
        row_number() over (
            partition by origins.origin_id
            order by
                case when rules.utm_source is null then 0 else 1 end
                + case when rules.utm_medium is null then 0 else 1 end
                + case when rules.crm_source is null then 0 else 1 end desc,
                case when rules.utm_source is null then 1 else 0 end,
                case when rules.utm_medium is null then 1 else 0 end,
                rules.channel
        ) as place
    from {{ origins }} as origins
    inner join {{ ref('channels') }} as rules
        on
            (rules.utm_source is null or {{ look_alike_folded('rules.utm_source') }} = {{ mark_folded('origins.utm_source') }})
            and (rules.utm_medium is null or {{ look_alike_folded('rules.utm_medium') }} = {{ mark_folded('origins.utm_medium') }})
            and (rules.crm_source is null or {{ lower_case('rules.crm_source') }} = {{ lower_case('trim(origins.crm_source)') }})
            and (
                rules.utm_source is not null
                or rules.utm_medium is not null
                or (origins.utm_source is null and origins.utm_medium is null)
            )

),

{{ name }}_channels as (

    select
        origin_id,
        channel
    from {{ name }}_channel_rules
    where place = 1

)
{%- endmacro %}
