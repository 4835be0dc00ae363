select
    measure,
    item_key as customer_key,
    window_start,
    window_end,
    value,
    value_share,
    cumulative_share,
    value_rank,
    abc_class,
    months_observed,
    monthly_mean,
    monthly_stddev,
    variation,
    xyz_class,
    segment
from {{ ref('int_abc_xyz') }}
where item_kind = 'customer'
