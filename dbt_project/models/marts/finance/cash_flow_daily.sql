-- Money between own accounts is no flow. The bank's transfer of card money repeats the card operations of the same base,
-- where it keeps them.
with

card_sources as (

    select distinct source
    from {{ ref('int_payments') }}
    where payment_method = 'card'

),

bank_payments as (

    select count(*) as payments
    from {{ ref('int_payments') }}
    where payment_method = 'bank'

)

select
    payments.payment_date as date,
    organisations.organisation_key as organisation_key,
    payments.direction,
    articles.name as article,
    {{ cast_as('sum(abs(payments.amount_base))', 'decimal(18,2)') }} as amount
from {{ ref('int_payments') }} as payments
left join {{ ref('stg_onec__cash_articles') }} as articles on payments.article_key = articles._source || ':' || articles._key
left join {{ ref('dim_organisations') }} as organisations on payments.organisation_key = organisations.organisation_key
where
    payments.payment_date <= {{ as_of_date() }}
    and not payments.is_own
    -- what lies at a payment service is no money of ours yet, its payout to the bank is; without a bank nothing else tells of it
    and (payments.payment_method <> 'online' or (select bank_payments.payments from bank_payments) = 0)
    and coalesce(payments.operation_kind, '') <> 'transfer'
    and not (coalesce(payments.operation_kind, '') = 'acquiring' and payments.source in (select source from card_sources))
    and payments.amount_base is not null
group by payments.payment_date, organisations.organisation_key, payments.direction, articles.name
