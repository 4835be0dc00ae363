-- A returned pair of cards was forbidden by hand and still is one customer.
select
    manual.rank_a,
    manual.rank_b
from {{ ref('int_customer_manual_matches') }} as manual
inner join {{ ref('int_customer_components') }} as a on manual.rank_a = a.card_rank
inner join {{ ref('int_customer_components') }} as b on manual.rank_b = b.card_rank
where not manual.is_same and a.customer_rank = b.customer_rank
