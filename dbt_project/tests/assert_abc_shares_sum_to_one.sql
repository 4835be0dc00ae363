-- A returned measure has positive values whose shares do not sum to 1, or classes that are no nested top of the list.
select
    item_kind,
    measure,
    sum(value_share) as shares,
    max(case when abc_class = 'A' then value_rank end) as last_a,
    min(case when abc_class = 'B' then value_rank end) as first_b,
    max(case when abc_class = 'B' then value_rank end) as last_b,
    min(case when abc_class = 'C' then value_rank end) as first_c
from {{ ref('int_abc_xyz') }}
group by item_kind, measure
having
    (max(value) > 0 and abs(sum(value_share) - 1) > 0.000001)
    or (max(value) > 0 and min(case when abc_class = 'A' then value_rank end) is null)
    or max(case when abc_class = 'A' then value_rank end) >= min(case when abc_class = 'B' then value_rank end)
    or max(case when abc_class = 'B' then value_rank end) >= min(case when abc_class = 'C' then value_rank end)
