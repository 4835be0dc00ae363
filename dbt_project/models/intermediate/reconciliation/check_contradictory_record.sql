-- Records that contradict themselves. They are in the marts all the same, as far as they can be; here is where to look.
{%- set rules = [
    'deal_closed_before_created', 'lead_closed_before_created', 'deal_in_unknown_stage', 'deal_amount_negative', 'lost_deal_shipped',
    'order_overpaid', 'order_overshipped', 'claim_resolved_before_registered', 'quantity_negative', 'plan_not_understood', 'plan_of_nobody',
    'record_without_date', 'unreadable_fields',
] %}
{%- set unreadable = {
    'stg_onec__orders': 'order', 'stg_onec__shipments': 'shipment', 'stg_onec__returns': 'return', 'stg_onec__bank_receipts': 'bank_receipt',
    'stg_onec__cash_receipts': 'cash_receipt', 'stg_onec__bank_payments': 'bank_payment', 'stg_onec__cash_payments': 'cash_payment',
    'stg_onec__card_operations': 'card_operation', 'stg_onec__retail_receipts': 'retail_receipt', 'stg_onec__claims': 'claim',
    'stg_onec__order_lines': 'order_lines', 'stg_onec__shipment_lines': 'shipment_lines', 'stg_onec__return_lines': 'return_lines',
    'stg_onec__bank_receipt_splits': 'bank_receipt_lines', 'stg_onec__cash_receipt_splits': 'cash_receipt_lines',
    'stg_onec__sales_register_rows': 'sales_register_rows', 'stg_amocrm__leads': 'deal', 'stg_bitrix24__deals': 'deal',
    'stg_bitrix24__leads': 'lead', 'stg_spreadsheet__plans': 'plan', 'stg_spreadsheet__campaign_costs': 'campaign_cost',
    'stg_yandex_direct__campaign_costs': 'campaign_cost',
} %}
{#- whose plan a row is: a feed need not say it -#}
{%- set plans = {
    'stg_spreadsheet__plans': 'scope_kind',
    'stg_feed__plans': "coalesce(scope_kind, case when scope_key is null then 'company' else 'manager' end)",
} %}
{#- a plan of deals or contacts is no sum of money -#}
{%- set money_metrics = "('revenue', 'gross_profit', 'cash', 'average_sale')" %}
{#- documents that count, with the date that keeps them out of the facts when it is missing -#}
{%- set undated = {
    'stg_onec__orders': 'document_at', 'stg_onec__shipments': 'document_at', 'stg_onec__returns': 'document_at',
    'stg_onec__bank_receipts': 'document_at', 'stg_onec__bank_payments': 'document_at', 'stg_onec__cash_receipts': 'document_at',
    'stg_onec__cash_payments': 'document_at', 'stg_onec__card_operations': 'document_at', 'stg_onec__retail_receipts': 'document_at',
    'stg_onec__retail_returns': 'document_at', 'stg_onec__retail_reports': 'document_at', 'stg_onec__claims': 'registered_at',
} %}

with

deals as (

    select
        deal_key,
        source,
        coalesce(deal_name, deal_id) as deal_name,
        customer_key,
        manager_key,
        stage_key,
        created_date,
        closed_date,
        amount_base,
        created_at > closed_at as is_closed_before_created,
        amount < 0 as is_negative
    from {{ ref('int_deals') }}
    where created_at < {{ as_of_end() }}

),

settled as (

    select
        orders.order_key as order_key,
        orders.order_number,
        orders.order_date,
        orders.customer_key as customer_key,
        orders.manager_key,
        orders.amount,
        orders.rate_to_base as rate_to_base,
        orders.is_order,
        orders.is_cancelled,
        links.deal_key,
        settlements.shipped,
        settlements.paid_named
    from {{ ref('int_order_settlements') }} as settlements
    inner join {{ ref('int_orders') }} as orders on settlements.order_key = orders.order_key
    left join {{ ref('int_order_deals_as_of') }} as links on orders.order_key = links.order_key
    where orders.order_date <= {{ as_of_date() }}

),

found as (

    select
        'deal_closed_before_created' as rule,
        deal_key as record_key,
        deal_name as record_name,
        customer_key,
        manager_key,
        deal_key,
        {{ no_key() }} as order_key,
        amount_base as amount,
        created_date as occurred_date,
        {{ cast_as('created_date', 'varchar') }} as first_value,
        {{ cast_as('closed_date', 'varchar') }} as second_value
    from deals
    where is_closed_before_created

    union all

    select
        'lead_closed_before_created' as rule,
        lead_key as record_key,
        lead_key as record_name,
        customer_key,
        manager_key,
        deal_key,
        {{ no_key() }} as order_key,
        {{ cast_as('null', 'decimal(18,2)') }} as amount,
        {{ business_date('created_at') }} as occurred_date,
        {{ cast_as(business_date('created_at'), 'varchar') }} as first_value,
        {{ cast_as(business_date('closed_at'), 'varchar') }} as second_value
    from {{ ref('fct_leads') }}
    where closed_at < created_at and created_at < {{ as_of_end() }}

    union all

    select
        'deal_in_unknown_stage' as rule,
        deals.deal_key as record_key,
        deals.deal_name as record_name,
        deals.customer_key,
        deals.manager_key,
        deals.deal_key,
        {{ no_key() }} as order_key,
        deals.amount_base as amount,
        deals.created_date as occurred_date,
        coalesce(stages.stage_name, deals.stage_key) as first_value,
        {{ no_key() }} as second_value
    from deals
    left join {{ ref('int_stages') }} as stages on deals.stage_key = stages.stage_key
    -- a system without pipelines (1C), or whose stages nobody lists, has no stage that could be missing; won and lost alone are no list
    where
        stages.stage_position is null
        and deals.source in (select source from {{ ref('int_stages') }} where stage_position is not null and stage_kind = 'open')

    union all

    select
        'deal_amount_negative' as rule,
        deal_key as record_key,
        deal_name as record_name,
        customer_key,
        manager_key,
        deal_key,
        {{ no_key() }} as order_key,
        amount_base as amount,
        created_date as occurred_date,
        {{ cast_as('amount_base', 'varchar') }} as first_value,
        {{ no_key() }} as second_value
    from deals
    where is_negative

    union all

    select
        'lost_deal_shipped' as rule,
        settled.order_key as record_key,
        deals.deal_name as record_name,
        settled.customer_key as customer_key,
        settled.manager_key as manager_key,
        settled.deal_key as deal_key,
        settled.order_key,
        {{ round_money('settled.shipped * settled.rate_to_base') }} as amount,
        states.closed_date as occurred_date,
        {{ cast_as('settled.shipped', 'varchar') }} as first_value,
        settled.order_number as second_value
    from settled
    inner join {{ ref('int_deal_states_as_of') }} as states on settled.deal_key = states.deal_key
    inner join deals on settled.deal_key = deals.deal_key
    where states.deal_status = 'lost' and settled.shipped > 0

    union all

    select
        'order_overpaid' as rule,
        order_key as record_key,
        order_number as record_name,
        customer_key,
        manager_key,
        deal_key,
        order_key,
        {{ round_money('(settled.paid_named - settled.amount) * settled.rate_to_base') }} as amount,
        order_date as occurred_date,
        {{ cast_as('settled.amount', 'varchar') }} as first_value,
        {{ cast_as('settled.paid_named', 'varchar') }} as second_value
    from settled
    where is_order and not is_cancelled and settled.paid_named > settled.amount and {{ differs('settled.paid_named', 'settled.amount') }}

    union all

    select
        'order_overshipped' as rule,
        order_key as record_key,
        order_number as record_name,
        customer_key,
        manager_key,
        deal_key,
        order_key,
        {{ round_money('(settled.shipped - settled.amount) * settled.rate_to_base') }} as amount,
        order_date as occurred_date,
        {{ cast_as('settled.amount', 'varchar') }} as first_value,
        {{ cast_as('settled.shipped', 'varchar') }} as second_value
    from settled
    where is_order and settled.shipped > settled.amount and {{ differs('settled.shipped', 'settled.amount') }}

    union all

    select
        'claim_resolved_before_registered' as rule,
        claim_key as record_key,
        claim_key as record_name,
        customer_key,
        {{ no_key() }} as manager_key,
        {{ no_key() }} as deal_key,
        order_key,
        amount_base as amount,
        registered_date as occurred_date,
        {{ cast_as('registered_date', 'varchar') }} as first_value,
        {{ cast_as('resolved_date', 'varchar') }} as second_value
    from {{ ref('fct_claims') }}
    where resolved_date < registered_date and registered_date <= {{ as_of_date() }}

    union all

    select
        'quantity_negative' as rule,
        document_key as record_key,
        max(document_number) as record_name,
        max(customer_key) as customer_key,
        max(manager_key) as manager_key,
        {{ no_key() }} as deal_key,
        max(order_key) as order_key,
        {{ round_money('sum(amount * rate_to_base)') }} as amount,
        max(document_date) as occurred_date,
        {{ cast_as('min(quantity)', 'varchar') }} as first_value,
        {{ no_key() }} as second_value
    from {{ ref('int_sale_document_lines') }}
    where quantity < 0 and document_date <= {{ as_of_date() }}
    group by document_key

    union all

    select
        'quantity_negative' as rule,
        lines.order_key as record_key,
        max(orders.order_number) as record_name,
        max(orders.customer_key) as customer_key,
        max(orders.manager_key) as manager_key,
        {{ no_key() }} as deal_key,
        lines.order_key,
        {{ round_money('sum(lines.amount * orders.rate_to_base)') }} as amount,
        max(orders.order_date) as occurred_date,
        {{ cast_as('min(lines.quantity)', 'varchar') }} as first_value,
        {{ no_key() }} as second_value
    from {{ ref('int_order_lines') }} as lines
    inner join {{ ref('int_orders') }} as orders on lines.order_key = orders.order_key
    where lines.quantity < 0 and orders.is_order and orders.order_date <= {{ as_of_date() }}
    group by lines.order_key

    union all
    {%- for model, scope_kind in plans.items() %}
    select
        'plan_not_understood' as rule,
        _source || ':' || _key as record_key,
        _key as record_name,
        {{ no_key() }} as customer_key,
        {{ no_key() }} as manager_key,
        {{ no_key() }} as deal_key,
        {{ no_key() }} as order_key,
        case when {{ lower_case('metric') }} in {{ money_metrics }} then value end as amount,
        {{ cast_as('null', 'date') }} as occurred_date,
        {{ joined_texts([cast_as('month', 'varchar'), 'metric', 'scope_kind', 'scope_key'], ' · ') }} as first_value,
        _source as second_value
    from {{ ref(model) }}
    where
        not is_deleted
        and (
            month is null
            or value is null
            -- the company's own plan needs no key
            or (scope_key is null and coalesce({{ lower_case(scope_kind) }}, '') <> 'company')
            or coalesce({{ lower_case('metric') }}, '') not in ('revenue', 'gross_profit', 'cash', 'deals_won', 'contacts', 'average_sale')
            or coalesce({{ lower_case(scope_kind) }}, '') not in ('company', 'department', 'manager', 'product_category', 'customer')
        )
    {{ 'union all' if not loop.last }}
    {%- endfor %}

    union all

    -- a name that nobody bears, or several
    select
        'plan_of_nobody' as rule,
        {{ joined_texts([cast_as('month', 'varchar'), 'metric', 'scope_kind', 'scope_key'], ':') }} as record_key,
        scope_key as record_name,
        {{ no_key() }} as customer_key,
        {{ no_key() }} as manager_key,
        {{ no_key() }} as deal_key,
        {{ no_key() }} as order_key,
        case when metric in {{ money_metrics }} then value end as amount,
        -- what is planned for a month to come has not occurred
        case when month <= {{ as_of_date() }} then month end as occurred_date,
        {{ joined_texts([cast_as('month', 'varchar'), 'metric', 'scope_kind'], ' · ') }} as first_value,
        {{ no_key() }} as second_value
    from {{ ref('int_plans') }}
    where not is_known
    {%- for model, day in undated.items() %}

    union all

    -- of what day it is nobody knows: only here it can be seen
    select
        'record_without_date' as rule,
        undated._source || ':' || undated._key as record_key,
        undated._key as record_name,
        {{ no_key() }} as customer_key,
        {{ no_key() }} as manager_key,
        {{ no_key() }} as deal_key,
        {{ no_key() }} as order_key,
        -- without a day there is no rate: what a sum in another currency is worth is not known
        case
            when undated.currency_id is null or currencies.currency_code = '{{ var("base_currency") }}' then undated.amount
        end as amount,
        {{ cast_as('null', 'date') }} as occurred_date,
        undated.entity as first_value,
        undated._source as second_value
    from {{ ref(model) }} as undated
    left join {{ ref('int_onec_currencies') }} as currencies
        on undated._source = currencies.source and undated.currency_id = currencies.currency_id
    where
        undated.{{ day }} is null
        and not undated.is_deleted
        and coalesce(undated.is_posted, true)
        and not coalesce(undated.is_marked, false)
    {%- endfor %}
    {%- for model, kind in unreadable.items() %}

    union all

    -- lines share the key of their document
    select
        'unreadable_fields' as rule,
        '{{ kind }}:' || _source || ':' || _key as record_key,
        max(_key) as record_name,
        {{ no_key() }} as customer_key,
        {{ no_key() }} as manager_key,
        {{ no_key() }} as deal_key,
        {{ no_key() }} as order_key,
        {{ cast_as('null', 'decimal(18,2)') }} as amount,
        {{ cast_as('null', 'date') }} as occurred_date,
        max(_uncast_fields) as first_value,
        max(_source) as second_value
    from {{ ref(model) }}
    where _uncast_fields is not null
    group by _source, _key
    {%- endfor %}

)

select
    rule || ':' || record_key as issue_id,
    case when rule in ('order_overpaid', 'order_overshipped', 'lost_deal_shipped') then {{ issue_severity('amount') }} else 'medium' end as severity,
    customer_key,
    manager_key,
    deal_key,
    order_key,
    {{ no_key() }} as payment_key,
    amount,
    occurred_date,
    case rule
        {%- for rule in rules %}
        when '{{ rule }}' then {{ reconciliation_sentence(rule, {'record': 'record_name', 'first': 'first_value', 'second': 'second_value'}) }}
        {%- endfor %}
    end as details
from found
