select
    product_key as item_key,
    value,
    value_share,
    cumulative_share,
    window_start,
    window_end,
    abc_class,
    xyz_class,
    variation
from marts.abc_xyz_products
where measure = $measure
