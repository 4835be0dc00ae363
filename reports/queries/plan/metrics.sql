-- Plans of one month and what came of them, but for the revenue of managers, which their own table shows.
select
    plans.metric,
    plans.scope_kind,
    case plans.scope_kind
        when 'company' then null
        when 'manager' then managers.manager_name
        when 'customer' then customers.customer_name
        else plans.scope_key
    end as scope_name,
    plans.plan,
    plans.fact,
    plans.completion
from marts.plan_fact as plans
left join marts.dim_customers as customers on plans.scope_kind = 'customer' and customers.customer_key = plans.scope_key
left join marts.dim_managers as managers
    on managers.manager_key = case when plans.scope_kind = 'manager' then plans.scope_key else customers.manager_key end
where plans.month = $month
    and not (plans.metric = 'revenue' and plans.scope_kind = 'manager')
    and ($manager = '' or managers.manager_key = $manager)
    and ($department = '' or managers.department = $department or (plans.scope_kind = 'department' and plans.scope_key = $department))
order by plans.scope_kind, plans.metric, plans.completion, plans.scope_key
