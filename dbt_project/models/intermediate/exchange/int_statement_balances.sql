{{ config(materialized=inlined()) }}
{%- set systems = var('sources', []) | map(attribute='system') | list %}
-- What the bank's statements say last of an account by as_of: what one closed with, else what the next one opened with. Beside 1C its own
-- registers and payments count, which know the cash desks too.
with

told as (

    select
        _source as source,
        account,
        currency_code,
        date_to as told_on,
        closing_balance as balance,
        1 as is_closing
    from {{ ref('stg_client_bank__balances') }}
    where not is_deleted and closing_balance is not null

    union all

    select
        _source as source,
        account,
        currency_code,
        {{ add_days('date_from', -1) }} as told_on,
        opening_balance as balance,
        0 as is_closing
    from {{ ref('stg_client_bank__balances') }}
    where not is_deleted and opening_balance is not null

),

ordered as (

    select
        source,
        account,
        currency_code,
        told_on,
        balance,
        row_number() over (partition by account order by told_on desc, is_closing desc, source asc) as place
    from told
    where told_on <= {{ as_of_date() }}{{ ' and 1 = 0' if 'onec' in systems }}

)

select
    source || ':' || account as account_key,
    account as account_name,
    coalesce(currency_code, '{{ var("base_currency") }}') as currency_code,
    balance,
    told_on
from ordered
where place = 1
