-- Three control totals: a month's revenue of the marts against the sales register of 1C; that register against the posted documents;
-- a customer's debts less advances against the settlements register. The last one is of the moment of loading, so customers with a
-- document after as_of are left out, and so are those who owe in a foreign currency (1C revalues it, an order keeps its rate).
with

register_rows as (

    select
        register_rows.source as source,
        register_rows.recorder_id,
        register_rows.recorder_type,
        case when register_rows.effect = 'deferred' then documents.document_date else register_rows.period end as sale_date,
        {{ money_in_base('register_rows.revenue', 'rates.rate_to_base') }} as revenue
    from {{ ref('int_onec_register_rows') }} as register_rows
    left join {{ ref('int_onec_documents') }} as documents
        on
            register_rows.source = documents.source
            and register_rows.recorder_id = documents.document_id
            and documents.document_kind <> 'order'
    left join {{ ref('int_onec_own_cards') }} as own_cards
        on
            {{ onec_card_key('register_rows.source', 'register_rows.configuration', 'register_rows.partner_id', 'register_rows.counterparty_id') }}
            = own_cards.card_key
    left join {{ ref('int_onec_own_cards') }} as own_counterparties
        on
            {{ onec_counterparty_key('register_rows.source', 'register_rows.configuration', 'register_rows.counterparty_id') }}
            = own_counterparties.card_key
    {{ join_rate('rates', accounting_currency('register_rows.source'), 'register_rows.period') }}
    where
        register_rows.effect <> 'none'
        and (register_rows.effect <> 'deferred' or documents.is_counted)
        and own_cards.card_key is null
        and own_counterparties.card_key is null
        and register_rows.source || ':' || register_rows.recorder_id not in (select document_key from {{ ref('int_repeated_retail_reports') }})

),

-- acts of work, corrections and what the base does not publish are read from the register alone: nothing to compare with
read_types as (

    select distinct
        source as read_source,
        'StandardODATA.' || entity as read_type
    from {{ ref('int_onec_documents') }}
    where document_kind <> 'order'

),

recorders as (

    select
        register_rows.source as source,
        register_rows.recorder_id as recorder_id,
        {{ month_start('register_rows.sale_date') }} as month,
        -- some bases keep returns unsigned
        case
            when max(register_rows.recorder_type) like '%Возврат%' then -abs(sum(register_rows.revenue))
            else sum(register_rows.revenue)
        end as revenue,
        max(register_rows.recorder_type) is not null and max(read_types.read_type) is null as is_unread
    from register_rows
    left join read_types on register_rows.source = read_types.read_source and register_rows.recorder_type = read_types.read_type
    where register_rows.sale_date <= {{ as_of_date() }}
    group by register_rows.source, register_rows.recorder_id, {{ month_start('register_rows.sale_date') }}

),

register_months as {{ computed_once() }} (

    select
        source,
        month,
        sum(revenue) as revenue,
        sum(case when is_unread then 0 else revenue end) as read_revenue
    from recorders
    group by source, month

),

register_sources as (

    select distinct source as register_source
    from register_months

),

mart_months as (

    select
        source,
        {{ month_start('sale_date') }} as month,
        sum(revenue_base) as revenue
    from {{ ref('fct_sales') }}
    where sale_date <= {{ as_of_date() }} and source in (select register_source from register_sources)
    group by source, {{ month_start('sale_date') }}

),

-- kinds of document that move the register: in УТ a shop's report does and its receipts do not
kinds as (

    select distinct
        documents.source,
        documents.document_kind
    from {{ ref('int_onec_documents') }} as documents
    inner join recorders on documents.source = recorders.source and documents.document_id = recorders.recorder_id

),

document_months as (

    select
        lines.source as source,
        {{ month_start('lines.document_date') }} as month,
        sum({{ round_money('case when lines.is_return then -lines.amount else lines.amount end * lines.rate_to_base') }}) as revenue
    from {{ ref('int_sale_document_lines') }} as lines
    inner join kinds on lines.source = kinds.source and lines.document_kind = kinds.document_kind
    where
        lines.document_date <= {{ as_of_date() }}
        -- УНФ: receipts of a closed shift leave the register to the report over them, those of an open one stand there themselves
        and (
            lines.document_kind not in ('retail_receipt', 'retail_return')
            or lines.document_key in (select source || ':' || recorder_id from recorders)
        )
        and lines.document_key not in (select document_key from {{ ref('int_repeated_retail_reports') }})
    group by lines.source, {{ month_start('lines.document_date') }}

),

months as (

    select
        coalesce(marts.source, register.source) as source,
        coalesce(marts.month, register.month) as month,
        coalesce(marts.revenue, 0) as ours,
        coalesce(register.revenue, 0) as theirs,
        'revenue' as total
    from mart_months as marts
    full outer join register_months as register on marts.source = register.source and marts.month = register.month

    union all

    select
        coalesce(register.source, documents.source) as source,
        coalesce(register.month, documents.month) as month,
        coalesce(register.read_revenue, 0) as ours,
        coalesce(documents.revenue, 0) as theirs,
        'documents' as total
    from register_months as register
    full outer join document_months as documents on register.source = documents.source and register.month = documents.month

),

balance_rows as (

    select
        balance._source as source,
        case when links.card_key is not null then links.customer_key else counterparty_links.customer_key end as customer_key,
        balance.balance,
        coalesce(currencies.currency_code, {{ accounting_currency('balance._source') }}) as currency_code
    from (
        select
            rows_sent.*,
            coalesce(rows_sent.partner_id, partner_keys.partner_id) as partner,
            coalesce(rows_sent.counterparty_id, partner_keys.counterparty_id) as counterparty
        from {{ ref('stg_onec__receivables_balance') }} as rows_sent
        left join {{ ref('stg_onec__partner_keys') }} as partner_keys
            on rows_sent._source = partner_keys._source and rows_sent.partner_key_id = partner_keys._key
        where not rows_sent.is_deleted
    ) as balance
    left join {{ ref('int_onec_currencies') }} as currencies
        on balance._source = currencies.source and balance.currency_id = currencies.currency_id
    left join {{ ref('int_customer_links') }} as links
        on {{ onec_card_key('balance._source', 'balance.configuration', 'balance.partner', 'balance.counterparty') }} = links.card_key
    left join {{ ref('int_customer_links') }} as counterparty_links
        on {{ onec_counterparty_key('balance._source', 'balance.configuration', 'balance.counterparty') }} = counterparty_links.card_key

),

balance_sources as (

    select distinct source as balance_source
    from balance_rows

),

register_balances as (

    select
        customer_key,
        sum(balance) as balance,
        {{ any_true("currency_code <> '" ~ var('base_currency') ~ "'") }} as is_foreign
    from balance_rows
    where customer_key is not null
    group by customer_key

),

-- the books' own figures: what was shipped less what was paid
movements as (

    select
        orders.customer_key as customer_key,
        orders.source as source,
        case when lines.is_return then -lines.amount else lines.amount end as amount,
        lines.document_date as date,
        lines.currency_code
    from {{ ref('int_order_movements') }} as lines
    inner join {{ ref('int_orders') }} as orders on lines.order_key = orders.order_key

    union all

    select
        coalesce(orders.customer_key, payments.customer_key) as customer_key,
        payments.source as source,
        case when payments.direction = 'out' then payments.amount else -payments.amount end as amount,
        payments.payment_date as date,
        payments.currency_code
    from {{ ref('int_payments') }} as payments
    left join {{ ref('int_orders') }} as orders on payments.order_key = orders.order_key
    where payments.is_customer_money and payments.operation_kind = 'customer'

    union all

    select
        customer_key,
        source,
        balance as amount,
        opened_on as date,
        currency_code
    from {{ ref('int_opening_balances') }}
    where balance < 0

),

book_balances as (

    select
        customer_key,
        min(source) as source,
        sum(amount) as balance,
        {{ any_true("currency_code <> '" ~ var('base_currency') ~ "' or currency_code is null") }} as is_foreign,
        max(date) as last_date
    from movements
    where customer_key is not null and movements.source in (select balance_source from balance_sources)
    group by customer_key

),

balances as (

    select
        coalesce(books.customer_key, register.customer_key) as customer_key,
        books.source,
        coalesce(books.balance, 0) as ours,
        coalesce(register.balance, 0) as theirs
    from book_balances as books
    full outer join register_balances as register on books.customer_key = register.customer_key
    where
        not coalesce(books.is_foreign, false)
        and not coalesce(register.is_foreign, false)
        and coalesce(books.last_date <= {{ as_of_date() }}, true)

)

select
    total || ':' || source || ':' || cast(month as {{ text_type() }}) as issue_id,
    {{ issue_severity('ours - theirs') }} as severity,
    {{ no_key() }} as customer_key,
    {{ no_key() }} as manager_key,
    {{ no_key() }} as deal_key,
    {{ no_key() }} as order_key,
    {{ no_key() }} as payment_key,
    {{ round_money('abs(ours - theirs)') }} as amount,
    month as occurred_date,
    {%- set values = {'source': 'source', 'month': 'month', 'ours': 'ours', 'theirs': 'theirs'} %}
    case total
        when 'revenue' then {{ reconciliation_sentence('control_revenue', values) }}
        else {{ reconciliation_sentence('control_documents', values) }}
    end as details
from months
where abs(ours - theirs) > {{ var('control_total_tolerance') }}

union all

select
    'balance:' || balances.customer_key as issue_id,
    {{ issue_severity('balances.ours - balances.theirs') }} as severity,
    balances.customer_key as customer_key,
    customers.manager_key as manager_key,
    {{ no_key() }} as deal_key,
    {{ no_key() }} as order_key,
    {{ no_key() }} as payment_key,
    {{ round_money('abs(balances.ours - balances.theirs)') }} as amount,
    {{ as_of_date() }} as occurred_date,
    {{ reconciliation_sentence('control_balance', {
        'source': 'balances.source', 'customer': 'customers.customer_name', 'ours': 'balances.ours', 'theirs': 'balances.theirs',
    }) }} as details
from balances
left join {{ ref('int_customers') }} as customers on balances.customer_key = customers.customer_key
where abs(balances.ours - balances.theirs) > {{ var('control_total_tolerance') }}
