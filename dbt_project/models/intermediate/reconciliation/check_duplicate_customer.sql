-- Cards of one kind in one system that share a tax id, a phone, an e-mail or a name, each beside the first card that has the same; a branch
-- (one tax id, another КПП) beside the first card of that branch.
-- Not suspected: branches (one tax id, two КПП), cards with two different tax ids, colleagues who share their company's phone, pairs that
-- somebody has forbidden, values that matching leaves out as switchboards. Whether matching has joined them does not matter: the system
-- itself still holds two cards.
with

cards as {{ computed_once() }} (

    select
        cards.card_key as card_key,
        cards.card_rank as card_rank,
        cards.source as source,
        cards.source_customer_id as source_customer_id,
        cards.card_kind,
        cards.customer_name,
        cards.tax_id,
        cards.kpp,
        cards.parent_card_key,
        cards.created_at,
        cards.customer_type,
        links.customer_key,
        {{ customer_name_words('cards.customer_name') }} as name_words
    from {{ ref('int_customer_cards') }} as cards
    inner join {{ ref('int_customer_links') }} as links on cards.card_key = links.card_key
    -- somebody has seen the double already where one of the two is marked for deletion
    where
        not cards.is_technical
        and not coalesce(cards.is_marked, false)
        and coalesce(cards.created_at < {{ as_of_end() }}, true)

),

evidence as (

    select
        card_rank,
        identifier_kind as evidence_kind,
        identifier_value as evidence_value
    from {{ ref('int_customer_identifiers') }}
    where identifier_kind in ('tax_id', 'phone', 'email') and not matches_nobody

    union all

    -- a first name alone says nothing about a person
    select
        card_rank,
        'name' as evidence_kind,
        name_words as evidence_value
    from cards
    where length(name_words) >= 3 and (customer_type = 'company' or name_words like '% %')

),

placed as (

    select
        evidence.card_rank as card_rank,
        evidence.evidence_kind,
        evidence.evidence_value,
        cards.source,
        cards.card_kind,
        cards.kpp
    from evidence
    inner join cards on evidence.card_rank = cards.card_rank

),

shared as (

    select
        source,
        card_kind,
        evidence_kind,
        evidence_value,
        min(card_rank) as first_rank
    from placed
    group by source, card_kind, evidence_kind, evidence_value
    having count(*) > 1 and (evidence_kind <> 'name' or count(*) <= {{ var('shared_identifier_limit') }})

),

branches as (

    select
        placed.source as source,
        placed.card_kind as card_kind,
        placed.evidence_value as evidence_value,
        placed.kpp as kpp,
        min(placed.card_rank) as first_rank
    from shared
    inner join placed
        on
            shared.source = placed.source
            and shared.card_kind = placed.card_kind
            and shared.evidence_kind = placed.evidence_kind
            and shared.evidence_value = placed.evidence_value
    inner join cards as firsts on shared.first_rank = firsts.card_rank
    where placed.evidence_kind = 'tax_id' and placed.kpp <> firsts.kpp
    group by placed.source, placed.card_kind, placed.evidence_value, placed.kpp
    having count(*) > 1

),

pairs as (

    select
        placed.card_rank as card_rank,
        shared.first_rank as first_rank,
        shared.evidence_kind as evidence_kind,
        shared.evidence_value as evidence_value
    from shared
    inner join placed
        on
            shared.source = placed.source
            and shared.card_kind = placed.card_kind
            and shared.evidence_kind = placed.evidence_kind
            and shared.evidence_value = placed.evidence_value
            and shared.first_rank < placed.card_rank

    union all

    select
        placed.card_rank as card_rank,
        branches.first_rank as first_rank,
        placed.evidence_kind as evidence_kind,
        placed.evidence_value as evidence_value
    from branches
    inner join placed
        on
            branches.source = placed.source
            and branches.card_kind = placed.card_kind
            and branches.evidence_value = placed.evidence_value
            and branches.kpp = placed.kpp
            and branches.first_rank < placed.card_rank
    where placed.evidence_kind = 'tax_id'

),

suspects as (

    select
        cards.card_rank as card_rank,
        firsts.card_rank as first_rank,
        max(case when pairs.evidence_kind = 'tax_id' then 1 else 0 end) as has_tax_id,
        count(distinct pairs.evidence_kind) as evidence_kinds,
        {{ text_list(
            "case pairs.evidence_kind when 'tax_id' then " ~ reconciliation_sentence('evidence_tax_id', {'value': 'pairs.evidence_value'})
            ~ " when 'phone' then " ~ reconciliation_sentence('evidence_phone', {'value': 'pairs.evidence_value'})
            ~ " when 'email' then " ~ reconciliation_sentence('evidence_email', {'value': 'pairs.evidence_value'})
            ~ " else " ~ reconciliation_sentence('evidence_name', {}) ~ " end", ', '
        ) }} as evidence
    from pairs
    inner join cards on pairs.card_rank = cards.card_rank
    inner join cards as firsts on pairs.first_rank = firsts.card_rank
    where
        not coalesce(cards.tax_id <> firsts.tax_id, false)
        and not coalesce(cards.tax_id = firsts.tax_id and cards.kpp <> firsts.kpp, false)
        and not coalesce(
            cards.parent_card_key = firsts.parent_card_key
            and pairs.evidence_kind in ('phone', 'email')
            and cards.name_words <> firsts.name_words,
            false
        )
    group by cards.card_rank, firsts.card_rank

),

sales as (

    select
        customer_key,
        sum(revenue_base) as revenue
    from {{ ref('fct_sales') }}
    where customer_key is not null and sale_date <= {{ as_of_date() }}
    group by customer_key

)

select
    cards.card_key || '|' || firsts.card_key as issue_id,
    case
        when suspects.has_tax_id = 1 then 'high'
        when suspects.evidence_kinds > 1 then 'medium'
        else 'low'
    end as severity,
    cards.customer_key as customer_key,
    customers.manager_key as manager_key,
    {{ no_key() }} as deal_key,
    {{ no_key() }} as order_key,
    {{ no_key() }} as payment_key,
    -- what a tier or a class may have been reckoned from in two parts
    {{ cast_as('sales.revenue', 'decimal(18,2)') }} as amount,
    {{ business_date('cards.created_at') }} as occurred_date,
    {{ reconciliation_sentence('duplicate_customer', {
        'source': 'cards.source', 'name': 'cards.customer_name', 'id': 'cards.source_customer_id', 'other_name': 'firsts.customer_name',
        'other_id': 'firsts.source_customer_id', 'evidence': 'suspects.evidence',
    }) }} as details
from suspects
inner join cards on suspects.card_rank = cards.card_rank
inner join cards as firsts on suspects.first_rank = firsts.card_rank
left join {{ ref('int_customer_manual_matches') }} as forbidden
    on suspects.first_rank = forbidden.rank_a and suspects.card_rank = forbidden.rank_b and not forbidden.is_same
left join {{ ref('int_customers') }} as customers on cards.customer_key = customers.customer_key
left join sales on cards.customer_key = sales.customer_key
where forbidden.rank_a is null
