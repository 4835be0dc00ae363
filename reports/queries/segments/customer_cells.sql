-- The nine cells of customers by one measure: how many, what they brought, at what margin; the mart's classes, or those of the borders that are tried out.
select
    abc,
    xyz,
    count(*) as items,
    sum(value) as value,
    sum(revenue) as revenue,
    sum(gross_profit) as gross_profit,
    min(window_start) as window_start,
    max(window_end) as window_end
from (
    select
        ranked.value,
        ranked.window_start,
        ranked.window_end,
        revenues.value as revenue,
        profits.value as gross_profit,
        case
            when not $tried then ranked.abc_class
            when ranked.value <= 0 then 'C'
            when ranked.value >= min(case when ranked.larger_share < $share_a then ranked.value end) over () then 'A'
            when ranked.value >= min(case when ranked.larger_share < $share_b then ranked.value end) over () then 'B'
            else 'C'
        end as abc,
        case
            when not $tried or ranked.xyz_class = 'N' then ranked.xyz_class
            when ranked.variation <= $variation_x then 'X'
            when ranked.variation <= $variation_y then 'Y'
            else 'Z'
        end as xyz
    from (
        select
            customer_key,
            value,
            window_start,
            window_end,
            abc_class,
            xyz_class,
            variation,
            coalesce(sum(value_share) over (order by value desc rows between unbounded preceding and 1 preceding), 0) as larger_share
        from marts.abc_xyz_customers
        where measure = $measure
    ) as ranked
    left join marts.abc_xyz_customers as revenues on revenues.customer_key = ranked.customer_key and revenues.measure = 'revenue'
    left join marts.abc_xyz_customers as profits on profits.customer_key = ranked.customer_key and profits.measure = 'gross_profit'
) as classed
group by abc, xyz
order by abc, xyz
