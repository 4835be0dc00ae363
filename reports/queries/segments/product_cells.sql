-- The nine cells of products by one measure: how many, and what they brought; the mart's classes, or those of the borders that are tried out.
select
    abc,
    xyz,
    count(*) as items,
    sum(value) as value,
    min(window_start) as window_start,
    max(window_end) as window_end
from (
    select
        value,
        window_start,
        window_end,
        case
            when not $tried then abc_class
            when value <= 0 then 'C'
            when larger_share < $share_a then 'A'
            when larger_share < $share_b then 'B'
            else 'C'
        end as abc,
        case
            when not $tried or xyz_class = 'N' then xyz_class
            when variation <= $variation_x then 'X'
            when variation <= $variation_y then 'Y'
            else 'Z'
        end as xyz
    from (
        select
            value,
            window_start,
            window_end,
            abc_class,
            xyz_class,
            variation,
            coalesce(sum(value_share) over (order by value_rank range between unbounded preceding and 1 preceding), 0) as larger_share
        from marts.abc_xyz_products
        where measure = $measure
    ) as ranked
) as classed
group by abc, xyz
order by abc, xyz
