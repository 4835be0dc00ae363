-- A bank account has one currency; what a cash desk holds of another currency than its own is an account of its own here.
with

catalogue as (
    {% for kind in ['bank_accounts', 'cash_desks'] %}
    select
        cards._source || ':' || cards._key as account_key,
        cards.name,
        organisations.organisation_key as organisation_key,
        currencies.currency_code
    from {{ ref('stg_onec__' ~ kind) }} as cards
    left join {{ ref('dim_organisations') }} as organisations on cards._source || ':' || cards.owner_id = organisations.organisation_key
    left join {{ ref('int_onec_currencies') }} as currencies
        on cards._source = currencies.source and cards.currency_id = currencies.currency_id
    where not cards.is_deleted
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

positions as (

    select
        positions.*,
        catalogue.name,
        catalogue.organisation_key as owner_key,
        catalogue.currency_code as own_currency,
        -- a register without currencies speaks the account's, else the accounting one
        case
            when positions.is_currency_unnamed
                then coalesce(catalogue.currency_code, {{ accounting_currency('positions.source') }})
            else positions.currency_code
        end as currency
    from {{ ref('int_money_positions') }} as positions
    left join catalogue on positions.account_key = catalogue.account_key

),

homes as (

    select
        account_key,
        coalesce(
            min(own_currency),
            case when min(currency) = max(currency) then min(currency) end,
            min({{ accounting_currency('source') }})
        ) as home_currency,
        case when min(organisation_key) = max(organisation_key) then min(organisation_key) end as only_organisation_key
    from positions
    group by account_key

),

balances as (

    select
        positions.account_key,
        positions.currency as currency_code,
        max(positions.name) as name,
        max(coalesce(positions.owner_key, homes.only_organisation_key)) as organisation_key,
        min(homes.home_currency) as home_currency,
        coalesce(sum(positions.amount), 0) as balance,
        max(positions.opened_on) as opening_date,
        sum(case when positions.is_opening then positions.amount else 0 end) as opening_balance
    from positions
    inner join homes on positions.account_key = homes.account_key
    where positions.currency is not null
    group by positions.account_key, positions.currency

    union all

    select
        account_key,
        currency_code,
        account_name as name,
        cast(null as {{ text_type() }}) as organisation_key,
        currency_code as home_currency,
        balance,
        told_on as opening_date,
        balance as opening_balance
    from {{ ref('int_statement_balances') }}

)

select
    balances.account_key || case when balances.currency_code = balances.home_currency then '' else ':' || balances.currency_code end as account_key,
    {{ joined_texts([
        'coalesce(balances.name, organisations.organisation_name)',
        'case when balances.name is null or balances.currency_code <> balances.home_currency then balances.currency_code end',
    ], ' · ') }} as account_name,
    organisations.organisation_key as organisation_key,
    balances.currency_code as currency_code,
    {{ cast_as('balances.balance', 'decimal(18,2)') }} as balance,
    {{ round_money('balances.balance * rates.rate_to_base') }} as balance_base,
    {{ cast_as('case when balances.opening_date is not null then balances.opening_balance end', 'decimal(18,2)') }} as opening_balance,
    balances.opening_date
from balances
left join {{ ref('dim_organisations') }} as organisations on balances.organisation_key = organisations.organisation_key
{{ join_rate('rates', 'balances.currency_code', as_of_date()) }}
