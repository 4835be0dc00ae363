-- In a returned month the customers are not those of the month before plus new and reactivated less lost.
with

months as (

    select
        *,
        lag(customers_active) over (order by month) as customers_before
    from {{ ref('customer_base_months') }}

)

select *
from months
where
    customers_active <> customers_new + customers_returning + customers_reactivated
    or (
        customers_lost is not null
        and customers_active <> coalesce(customers_before, 0) + customers_new + customers_reactivated - customers_lost
    )
