-- A card among the buyers that carries the tax id of an own organisation is the company itself; a partner is,
-- when all its counterparties are.
with

own_tax_ids as (

    select distinct tax_id
    from {{ ref('stg_onec__organisations') }}
    where tax_id is not null and not is_deleted

),

counterparties as (

    select
        _source as source,
        {{ onec_counterparty_key('_source', 'configuration', '_key') }} as card_key,
        _source || ':partner:' || partner_id as partner_card_key,
        case when tax_id in (select tax_id from own_tax_ids) then 1 else 0 end as is_own
    from {{ ref('stg_onec__counterparties') }}
    where not is_deleted and not coalesce(is_folder, false)

)

select card_key
from counterparties
where is_own = 1

union all

select partner_card_key as card_key
from counterparties
where partner_card_key is not null
group by partner_card_key
having min(is_own) = 1
