-- What stands on every account and in every till.
select
    account_name,
    currency_code,
    balance,
    balance_base
from marts.cash_balances
order by balance_base desc nulls last, account_name
