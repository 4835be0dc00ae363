-- What opened and what moved every own account, per currency, by as_of. Where 1C keeps a register of money, its balance on the first loaded
-- day opens the account and only later payments count; elsewhere the payments since the first load are all there is.
{{ config(materialized=inlined()) }}

with

openings as (
    {% for kind in ['bank', 'cash'] %}
    select
        _source as source,
        organisation_id,
        coalesce(
            bank_account_id,
            cash_desk_id,
            money_place_id,
            case when dimension_type like '%Catalog_БанковскиеСчета' then dimension_id end,
            '{{ kind }}:' || organisation_id
        ) as account_id,
        currency_id,
        coalesce(nullif(foreign_balance, 0), balance, 0) as amount,
        cast(opened_at as date) as opened_on
    from {{ ref('stg_onec__' ~ kind ~ '_opening_balance') }}
    where not is_deleted and cast(opened_at as date) <= {{ as_of_date() }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- a register that holds nothing yet opens its accounts with nothing, and no row says so
opened_sources as (

    select
        source,
        max(opened_on) as opened_on
    from openings
    group by source

),

transfers as (

    select
        _source as source,
        organisation_id,
        {% for side in ['from', 'to'] -%}
        case
            when {{ side }}_kind like 'Нал%' then {{ side }}_cash_desk_id
            else coalesce({{ side }}_bank_account_id, {{ side }}_cash_desk_id)
        end as {{ side }}_account_id,
        {% endfor -%}
        currency_id,
        amount,
        cast(document_at as date) as moved_on
    from {{ ref('stg_onec__money_transfers') }}
    where is_posted and not coalesce(is_marked, false) and not is_deleted and document_at is not null

),

placed as (

    select
        openings.source,
        openings.source || ':' || openings.account_id as account_key,
        openings.source || ':' || openings.organisation_id as organisation_key,
        currencies.currency_code,
        openings.currency_id is null
        or openings.source not in (select source from {{ ref('int_onec_currencies') }}) as is_currency_unnamed,
        openings.amount,
        openings.opened_on as moved_on,
        true as is_opening
    from openings
    left join {{ ref('int_onec_currencies') }} as currencies
        on openings.source = currencies.source and openings.currency_id = currencies.currency_id

    union all
    {% for side, sign in {'from': '-', 'to': ''}.items() %}
    select
        transfers.source,
        transfers.source || ':' || transfers.{{ side }}_account_id as account_key,
        transfers.source || ':' || transfers.organisation_id as organisation_key,
        currencies.currency_code,
        transfers.currency_id is null
        or transfers.source not in (select source from {{ ref('int_onec_currencies') }}) as is_currency_unnamed,
        {{ sign }}transfers.amount as amount,
        transfers.moved_on,
        false as is_opening
    from transfers
    left join {{ ref('int_onec_currencies') }} as currencies
        on transfers.source = currencies.source and transfers.currency_id = currencies.currency_id
    where transfers.{{ side }}_account_id is not null

    union all
    {% endfor %}
    -- a till is known by its register alone, as at the newest load: receipts fill it and nothing that is read empties it
    select
        _source as source,
        _source || ':' || till_id as account_key,
        _source || ':' || organisation_id as organisation_key,
        cast(null as {{ text_type() }}) as currency_code,
        true as is_currency_unnamed,
        balance as amount,
        {{ as_of_date() }} as moved_on,
        false as is_opening
    from {{ ref('stg_onec__till_balance') }}
    where not is_deleted and till_id is not null

    union all

    -- what a card terminal has taken is on its way, and reaches an account with the bank's transfer
    select
        source,
        account_key,
        organisation_key,
        currency_code,
        false as is_currency_unnamed,
        case when direction = 'out' then -amount else amount end as amount,
        payment_date as moved_on,
        false as is_opening
    from {{ ref('int_payments') }}
    where account_key is not null and payment_method in ('bank', 'cash')

)

select
    placed.source,
    placed.account_key,
    placed.organisation_key,
    placed.currency_code,
    placed.is_currency_unnamed,
    placed.is_opening,
    placed.amount,
    opened_sources.opened_on
from placed
left join opened_sources on placed.source = opened_sources.source
where
    placed.moved_on <= {{ as_of_date() }}
    and (placed.is_opening or opened_sources.opened_on is null or placed.moved_on >= opened_sources.opened_on)
