-- The balance is what the loaded documents moved: 1C's opening balances are older than the first load ([sources.x] since) and not in it.
with

accounts as (

    select
        account_key,
        max(organisation_key) as organisation_key,
        max(payment_method) as payment_method,
        max(currency_code) as currency_code,
        sum(case when direction = 'out' then -amount else amount end) as balance
    from {{ ref('int_payments') }}
    where payment_date <= {{ as_of_date() }} and account_key is not null and payment_method <> 'card'
    group by account_key

)

select
    accounts.account_key,
    concat_ws(' · ', organisations.organisation_name, accounts.payment_method, accounts.currency_code) as account_name,
    organisations.organisation_key,
    accounts.currency_code,
    {{ cast_as('accounts.balance', 'decimal(18,2)') }} as balance,
    {{ round_money('accounts.balance * rates.rate_to_base') }} as balance_base
from accounts
left join {{ ref('dim_organisations') }} as organisations on accounts.organisation_key = organisations.organisation_key
{{ join_rate('rates', 'accounts.currency_code', as_of_date()) }}
