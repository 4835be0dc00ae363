-- Goods by their class in one window of months and in another: how many moved from which class to which, and what they bring now.
select
    coalesce(was, '0') as was,
    coalesce(became, '0') as became,
    count(*) as items,
    sum(value) as value,
    sum(value_before) as value_before
from ({_moved of _product_sums}) as moved
group by was, became
