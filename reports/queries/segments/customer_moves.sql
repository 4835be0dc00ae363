-- Customers by their class in one window of months and in another: how many moved from which class to which, and what they bring now.
select
    coalesce(was, '0') as was,
    coalesce(became, '0') as became,
    count(*) as items,
    sum(value) as value,
    sum(value_before) as value_before
from (
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
            from (
                select
                    customer_key as item_key,
                    'now' as side,
                    sum(case when $measure = 'gross_profit' then gross_profit else turnover end) as value
                from marts.customer_turnover_months
                where month between $from_month and $to_month
                group by customer_key
                union all
                select
                    customer_key as item_key,
                    'before' as side,
                    sum(case when $measure = 'gross_profit' then gross_profit else turnover end) as value
                from marts.customer_turnover_months
                where month between $before_from_month and $before_to_month
                group by customer_key
            ) as sums
        ) as ranked
    ) as classed
    group by item_key
) as moved
group by was, became
