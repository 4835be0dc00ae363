-- The customers of one cell by one measure, the largest first; classes as in the matrix.
select
    classed.item_key,
    names.customer_name as item_name,
    names.manager_key,
    managers.manager_name,
    classed.value,
    classed.value_share,
    classed.variation
from (
    select
        item_key,
        value,
        value_share,
        variation,
        case
            when not $tried then abc_class
            when value <= 0 then 'C'
            when value >= min(case when larger_share < $share_a then value end) over () then 'A'
            when value >= min(case when larger_share < $share_b then value end) over () then 'B'
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
            customer_key as item_key,
            value,
            value_share,
            variation,
            abc_class,
            xyz_class,
            coalesce(sum(value_share) over (order by value desc rows between unbounded preceding and 1 preceding), 0) as larger_share
        from marts.abc_xyz_customers
        where measure = $measure
    ) as ranked
) as classed
left join marts.dim_customers as names on names.customer_key = classed.item_key
left join marts.dim_managers as managers on managers.manager_key = names.manager_key
where classed.abc || classed.xyz = $segment
order by classed.value desc, classed.item_key
limit $limit
