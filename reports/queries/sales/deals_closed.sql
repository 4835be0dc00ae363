-- Deals won and lost between two instants, and the amount won; NULL before the first deal that is known.
select
    sum(case when closed_at >= $from_instant and closed_at < $to_instant and deal_status = 'won' then 1 else 0 end) as deals_won,
    sum(case when closed_at >= $from_instant and closed_at < $to_instant and deal_status = 'lost' then 1 else 0 end) as deals_lost,
    sum(case when closed_at >= $from_instant and closed_at < $to_instant and deal_status = 'won' then amount_base else 0 end) as won_amount
from marts.fct_deals
where (select min(created_at) from marts.fct_deals) < $to_instant
