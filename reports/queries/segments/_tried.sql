-- The mart's classes, or those of the borders that are tried out: A and B by the share of all strictly larger values, X and Y by variation.
select
    item_key,
    value,
    value_share,
    variation,
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
        item_key,
        value,
        value_share,
        variation,
        window_start,
        window_end,
        abc_class,
        xyz_class,
        -- the cumulative share holds the item and its equals
        round(cumulative_share - sum(value_share) over (partition by value), 9) as larger_share
    from ({rows}) as classes
) as compared
