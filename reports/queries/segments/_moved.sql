-- Items by their class in the window now and in the one before: A and B by the share of all strictly larger values.
select
    item_key,
    max(case when side = 'before' then class end) as was,
    max(case when side = 'now' then class end) as became,
    sum(case when side = 'now' then value end) as value,
    sum(case when side = 'before' then value end) as value_before
from (
    select
        item_key,
        side,
        value,
        case
            when value <= 0 then 'C'
            when value >= min(case when larger < $share_a then value end) over (partition by side) then 'A'
            when value >= min(case when larger < $share_b then value end) over (partition by side) then 'B'
            else 'C'
        end as class
    from (
        select
            item_key,
            side,
            value,
            coalesce(
                sum(greatest(value, 0)) over (partition by side order by value desc rows between unbounded preceding and 1 preceding), 0
            ) / nullif(sum(greatest(value, 0)) over (partition by side), 0) as larger
        from ({rows}) as sums
    ) as ranked
) as classed
group by item_key
