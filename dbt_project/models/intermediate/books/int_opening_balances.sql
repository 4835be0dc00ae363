-- What customers owed (positive) or had paid ahead (negative) when the first loaded day began, by the order or document that 1C names, in
-- the currency it is kept in. A document of earlier days that was loaded all the same has its movements here already, and its row is left out.
with

rows_sent as (

    select
        opening._source as source,
        cast(opening.opened_at as date) as opened_on,
        opening.organisation_id as organisation_id,
        opening.contract_id as contract_id,
        coalesce(opening.order_id, opening.document_id) as document_id,
        case when opening.order_id is not null then opening.order_type else opening.document_type end as document_type,
        {{ onec_card_key(
            'opening._source', 'opening.configuration', 'coalesce(opening.partner_id, partner_keys.partner_id)',
            'coalesce(opening.counterparty_id, partner_keys.counterparty_id)'
        ) }} as card_key,
        {{ onec_counterparty_key(
            'opening._source', 'opening.configuration', 'coalesce(opening.counterparty_id, partner_keys.counterparty_id)'
        ) }} as counterparty_card_key,
        coalesce(currencies.currency_code, contract_currencies.currency_code) as currency_code,
        opening.balance as balance,
        opening.foreign_balance as foreign_balance
    from {{ ref('stg_onec__receivables_opening_balance') }} as opening
    left join {{ ref('stg_onec__partner_keys') }} as partner_keys
        on opening._source = partner_keys._source and opening.partner_key_id = partner_keys._key
    left join {{ ref('stg_onec__contracts') }} as contracts
        on opening._source = contracts._source and opening.contract_id = contracts._key
    left join {{ ref('int_onec_currencies') }} as currencies
        on opening._source = currencies.source and opening.currency_id = currencies.currency_id
    left join {{ ref('int_onec_currencies') }} as contract_currencies
        on opening._source = contract_currencies.source and contracts.currency_id = contract_currencies.currency_id
    where not opening.is_deleted

),

-- УТ has one figure, in the row's currency; УНФ and БП have the accounting currency's beside the one agreed on
valued as (

    select
        rows_sent.source as source,
        rows_sent.opened_on as opened_on,
        rows_sent.organisation_id as organisation_id,
        rows_sent.contract_id as contract_id,
        rows_sent.document_id as document_id,
        rows_sent.document_type as document_type,
        case
            when rows_sent.foreign_balance <> 0 and rows_sent.currency_code is not null then rows_sent.foreign_balance
            else rows_sent.balance
        end as owed,
        case
            when rows_sent.currency_code is null or (rows_sent.foreign_balance = 0 and rows_sent.balance <> 0)
                then {{ accounting_currency('rows_sent.source') }}
            else rows_sent.currency_code
        end as owed_currency_code,
        case when links.card_key is not null then links.customer_key else counterparty_links.customer_key end as customer_key
    from rows_sent
    left join {{ ref('int_customer_links') }} as links on rows_sent.card_key = links.card_key
    left join {{ ref('int_customer_links') }} as counterparty_links on rows_sent.counterparty_card_key = counterparty_links.card_key
    left join {{ ref('int_onec_own_cards') }} as own_cards on rows_sent.card_key = own_cards.card_key
    left join {{ ref('int_onec_own_cards') }} as own_counterparties on rows_sent.counterparty_card_key = own_counterparties.card_key
    where own_cards.card_key is null and own_counterparties.card_key is null

),

placed as (

    select
        valued.source as source,
        valued.opened_on as opened_on,
        valued.organisation_id as organisation_id,
        valued.contract_id as contract_id,
        valued.document_id as document_id,
        valued.document_type as document_type,
        valued.owed as owed,
        valued.owed_currency_code as owed_currency_code,
        valued.customer_key as customer_key,
        documents.document_key as loaded_key,
        case when documents.document_kind = 'order' and documents.is_counted then documents.document_key end as loaded_order_key,
        valued.source || ':' || case
            when valued.document_id is null or documents.document_key is not null then 'opening:' || valued.customer_key
            else valued.document_id
        end as opening_key
    from valued
    left join {{ ref('int_onec_documents') }} as documents
        on valued.source = documents.source and valued.document_id = documents.document_id
    where
        valued.customer_key is not null
        and (documents.document_key is null or documents.document_date is null or documents.document_date >= valued.opened_on)

),

summed as (

    select
        source,
        opening_key,
        loaded_order_key,
        owed_currency_code,
        min(case when loaded_key is null then document_id end) as document_id,
        min(case when loaded_key is null then document_type end) as document_type,
        min(opened_on) as opened_on,
        min(organisation_id) as organisation_id,
        min(customer_key) as customer_key,
        min(contract_id) as contract_id,
        sum(owed) as balance
    from placed
    group by source, opening_key, loaded_order_key, owed_currency_code
    having sum(owed) <> 0

)

select
    summed.source as source,
    -- a document is settled in one currency, but for what was booked by hand
    summed.opening_key || case
        when row_number() over (
            partition by summed.opening_key order by case when summed.loaded_order_key is null then 0 else 1 end, summed.owed_currency_code
        ) = 1 then ''
        else ':' || coalesce(summed.loaded_order_key, '') || ':' || summed.owed_currency_code
    end as opening_key,
    summed.loaded_order_key as loaded_order_key,
    summed.document_id as document_id,
    summed.document_type as document_type,
    summed.opened_on as opened_on,
    summed.source || ':' || summed.organisation_id as organisation_key,
    summed.customer_key as customer_key,
    customers.manager_key as manager_key,
    summed.contract_id as contract_id,
    summed.owed_currency_code as currency_code,
    rates.rate_to_base as rate_to_base,
    cast(summed.balance as {{ decimal_type(18, 2) }}) as balance
from summed
left join {{ ref('int_customers') }} as customers on summed.customer_key = customers.customer_key
{{ join_rate('rates', 'summed.owed_currency_code', 'summed.opened_on') }}
