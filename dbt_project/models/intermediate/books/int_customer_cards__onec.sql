with

contract_kinds as (

    select
        _source as source,
        counterparty_id,
        max(case when contract_kind like 'СПокупател%' then 1 else 0 end) as buys,
        max(case when contract_kind like 'СПоставщик%' then 1 else 0 end) as supplies
    from {{ ref('stg_onec__contracts') }}
    where not is_deleted and counterparty_id is not null
    group by _source, counterparty_id

),

partner_cities as (

    select
        _source,
        _key,
        {{ arg_min('city', 'line_number') }} as city
    from {{ ref('stg_onec__partner_contacts') }}
    where city is not null
    group by _source, _key

),

counterparty_cities as (

    select
        _source,
        _key,
        {{ arg_min('city', 'line_number') }} as city
    from {{ ref('stg_onec__counterparty_contacts') }}
    where city is not null
    group by _source, _key

),

partners as (

    select
        partners._source as source,
        'partner:' || partners._key as source_customer_id,
        'partner' as card_kind,
        coalesce(partners.name, partners.full_name) as customer_name,
        partners.person_kind,
        cast(null as {{ text_type() }}) as tax_id,
        cast(null as {{ text_type() }}) as kpp,
        coalesce(partners.city, cities.city) as city,
        partners.manager_id,
        cast(null as {{ text_type() }}) as parent_card_key,
        partners.registered_at,
        partners.entity,
        partners._key as id,
        coalesce(partners.is_marked, false) as is_marked,
        coalesce(partners.is_customer, not coalesce(partners.is_supplier, false)) as buys
    from {{ ref('stg_onec__partners') }} as partners
    left join partner_cities as cities on partners._source = cities._source and partners._key = cities._key
    where not partners.is_deleted and not coalesce(partners.is_folder, false)

),

counterparties as (

    select
        counterparties._source as source,
        case
            when counterparties.configuration in ('ut', 'ka', 'erp', 'crm') then 'counterparty:' || counterparties._key
            else counterparties._key
        end as source_customer_id,
        'counterparty' as card_kind,
        coalesce(counterparties.name, counterparties.full_name) as customer_name,
        counterparties.person_kind as person_kind,
        counterparties.tax_id,
        counterparties.kpp,
        coalesce(counterparties.city, cities.city) as city,
        counterparties.manager_id as manager_id,
        counterparties._source || ':partner:' || counterparties.partner_id as parent_card_key,
        counterparties.registered_at as registered_at,
        counterparties.entity as entity,
        counterparties._key as id,
        coalesce(counterparties.is_marked, false) as is_marked,
        coalesce(
            counterparties.is_customer, partners.is_customer,
            not coalesce(counterparties.is_supplier, partners.is_supplier, contract_kinds.supplies > contract_kinds.buys, false)
        ) as buys
    from {{ ref('stg_onec__counterparties') }} as counterparties
    left join {{ ref('stg_onec__partners') }} as partners
        on counterparties._source = partners._source and counterparties.partner_id = partners._key
    left join contract_kinds on counterparties._source = contract_kinds.source and counterparties._key = contract_kinds.counterparty_id
    left join counterparty_cities as cities on counterparties._source = cities._source and counterparties._key = cities._key
    where not counterparties.is_deleted and not coalesce(counterparties.is_folder, false)

),

cards as (

    select
        *,
        source || ':' || source_customer_id as card_key
    from partners

    union all

    select
        *,
        source || ':' || source_customer_id as card_key
    from counterparties

),

technical_cards as (

    select cards.card_key
    from cards
    inner join {{ ref('technical_customers') }} as technical
        on
            (technical.source is null or cards.source = technical.source)
            and (
                (technical.source_customer_id is not null and technical.source_customer_id in (cards.source_customer_id, cards.id))
                or (
                    technical.source_customer_id is null
                    and {{ lower_case('cards.customer_name') }} = {{ lower_case('trim(technical.customer_name)') }}
                )
            )

)

select
    cards.card_key as card_key,
    cards.source as source,
    cards.source_customer_id as source_customer_id,
    cards.card_kind as card_kind,
    cards.customer_name as customer_name,
    case
        when cards.person_kind like 'Физ%' or cards.person_kind like 'Частн%' then 'person'
        when cards.person_kind is not null then 'company'
        when length(cards.tax_id) = 10 then 'company'
        else 'unknown'
    end as customer_type,
    cards.tax_id as tax_id,
    cards.kpp as kpp,
    cards.city as city,
    cards.source || ':' || cards.manager_id as manager_ref,
    parents.card_key as parent_card_key,
    {{ source_instant('cards.registered_at', 'cards.source') }} as created_at,
    cards.card_key in (select card_key from technical_cards)
    or cards.card_key in (select card_key from {{ ref('int_onec_own_cards') }}) as is_technical,
    cards.is_marked as is_marked,
    {{ onec_link('sources.url', 'cards.entity', 'cards.id') }} as source_url
from cards
left join cards as parents on cards.parent_card_key = parents.card_key
left join {{ ref('int_sources') }} as sources on cards.source = sources.source
where
    cards.buys
    or cards.card_key in (select card_key from {{ ref('int_onec_buyers') }})
    or cards.card_key in (select card_key from technical_cards)
