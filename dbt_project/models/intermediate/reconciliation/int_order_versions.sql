-- States of orders that were seen more than once, with what is compared between them as texts: at each moment at which the head or a line
-- was seen otherwise, what was known then. Lines are compared by product, whatever their order: quantity and sum of each.
with

heads as (

    {{ union_of('int_order_states', [
        'order_key', 'seen_at', 'load_id', 'amount', 'status', 'manager_ref', 'manager_id', 'is_deleted', 'sums_lines',
    ]) }}

),

lines as (

    {{ union_of('int_order_line_states', [
        'order_key', 'seen_from', 'seen_to', 'product_ref', 'product_name', 'quantity', 'line_sum',
    ]) }}

),

moments as (

    select distinct
        order_key,
        seen_at
    from (
        select
            order_key,
            seen_at
        from heads

        union all

        select
            order_key,
            seen_from as seen_at
        from lines
        where seen_from is not null

        union all

        select
            order_key,
            seen_to as seen_at
        from lines
        where seen_to is not null
    ) as seen

),

spans as (

    select
        *,
        {{ next_seen('seen_at') }} over (partition by order_key order by seen_at, load_id) as seen_to
    from heads

),

states as (

    select
        moments.order_key as order_key,
        moments.seen_at as seen_at,
        row_number() over (partition by moments.order_key order by moments.seen_at) as version_number,
        count(*) over (partition by moments.order_key) as versions,
        spans.amount as amount,
        spans.status as status,
        spans.manager_ref as manager_ref,
        spans.manager_id as manager_id,
        spans.is_deleted as is_deleted,
        spans.sums_lines as sums_lines
    from moments
    inner join spans on moments.order_key = spans.order_key
    where moments.seen_at >= spans.seen_at and (spans.seen_to is null or moments.seen_at < spans.seen_to)

),

products as (

    select
        states.order_key as order_key,
        states.version_number as version_number,
        coalesce(cards.product_name, lines.product_name, '—') as product_name,
        sum(lines.quantity) as quantity,
        sum(lines.line_sum) as line_sum
    from states
    inner join lines on states.order_key = lines.order_key
    left join {{ ref('int_product_cards') }} as cards on lines.product_ref = cards.product_ref
    where
        states.versions > 1
        and (lines.seen_from is null or states.seen_at >= lines.seen_from)
        and (lines.seen_to is null or states.seen_at < lines.seen_to)
    group by states.order_key, states.version_number, coalesce(cards.product_name, lines.product_name, '—')

),

line_texts as (

    select
        order_key,
        version_number,
        sum(line_sum) as lines_sum,
        {{ text_list(
            "product_name || ' × ' || " ~ cast_as('quantity', 'varchar') ~ " || ' = ' || " ~ cast_as('line_sum', 'varchar'), '; '
        ) }} as lines_text
    from products
    group by order_key, version_number

)

select
    states.order_key as order_key,
    states.version_number as version_number,
    states.seen_at as seen_at,
    {{ cast_as(
        cast_as('coalesce(case when states.sums_lines then line_texts.lines_sum end, states.amount)', 'decimal(18,2)'), 'varchar'
    ) }} as amount,
    states.status as status,
    line_texts.lines_text,
    coalesce(cards.manager_name, states.manager_id) as manager,
    states.is_deleted as is_deleted
from states
left join line_texts on states.order_key = line_texts.order_key and states.version_number = line_texts.version_number
left join {{ ref('int_manager_cards') }} as cards on states.manager_ref = cards.manager_ref
where states.versions > 1
