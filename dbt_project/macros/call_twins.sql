{#-
    Which calls of a CRM and of the telephone exchange are the same: by the exchange's id where the CRM was told it, else the same phone and
    direction, with the CRM's moment between the beginning and the end of the call, give or take var call_match_seconds. calls: relation with
    call_key, call_group (which holds the exchange's id), phone, direction, started_at, wait_seconds, talk_seconds, is_exchange. Each call has
    one twin at most. Gives a list of CTEs that ends in `<name>` (call_key, exchange_call_key).
-#}
{% macro call_twins(name, calls) -%}
{%- set tolerance = var('call_match_seconds') -%}
{%- set from_start = seconds_between('exchange.started_at', 'told.started_at') | trim -%}
{%- set length = 'coalesce(exchange.wait_seconds, 0) + exchange.talk_seconds' -%}
{{ name }}_candidates as (

    select
        told.call_key as left_key,
        exchange.call_key as right_key,
        -1.0 as distance
    from (
        select
            call_key,
            {{ text_extract_pattern('call_group', '^[^:]+:uniq:(.+)$', 1) }} as exchange_id
        from {{ calls }}
        where not is_exchange
    ) as told
    inner join (
        select
            call_key,
            {{ text_extract_pattern('call_group', '^[^:]+:call:(.+)$', 1) }} as exchange_id
        from {{ calls }}
        where is_exchange
    ) as exchange on told.exchange_id = exchange.exchange_id

    union all

    select
        told.call_key as left_key,
        exchange.call_key as right_key,
        least(abs({{ from_start }}), abs({{ from_start }} - ({{ length }}))) as distance
    from {{ calls }} as told
    inner join {{ calls }} as exchange on told.phone = exchange.phone and told.direction = exchange.direction
    where
        not told.is_exchange
        and exchange.is_exchange
        and {{ from_start }} >= -{{ tolerance }}
        and {{ from_start }} <= {{ length }} + {{ tolerance }}

),

{{ nearest_pairs(name ~ '_pairs', name ~ '_candidates') }},

{{ name }} as (

    select
        left_key as call_key,
        right_key as exchange_call_key
    from {{ name }}_pairs

)
{%- endmacro %}
