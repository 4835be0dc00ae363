-- What can tell that a card of another system is the same customer. A CRM may keep 1C's id, with or without the source's name, or its code.
with

cards as (

    select
        cards.card_key,
        cards.source,
        cards.source_customer_id,
        cards.card_kind,
        cards.tax_id,
        {{ text_part("cards.source_customer_id", ':', 2) }} as id_after_kind
    from {{ ref('int_customer_cards__onec') }} as cards

),

card_ids as (

    select
        card_key,
        source,
        source_customer_id,
        card_kind,
        tax_id,
        coalesce(id_after_kind, source_customer_id) as id
    from cards

),

contacts as (

    select
        'partner' as card_kind,
        *
    from {{ ref('stg_onec__partner_contacts') }}

    union all

    select
        'counterparty' as card_kind,
        *
    from {{ ref('stg_onec__counterparty_contacts') }}

),

card_contacts as (

    select
        card_ids.card_key as card_key,
        contacts.contact_type,
        contacts.phone,
        contacts.email,
        contacts.presentation
    from contacts
    inner join card_ids
        on contacts._source = card_ids.source and contacts._key = card_ids.id and contacts.card_kind = card_ids.card_kind

),

codes as (

    select
        'partner' as card_kind,
        _source,
        _key,
        code
    from {{ ref('stg_onec__partners') }}

    union all

    select
        'counterparty' as card_kind,
        _source,
        _key,
        code
    from {{ ref('stg_onec__counterparties') }}

),

identifiers as (

    select
        card_key,
        'crm_code' as identifier_kind,
        source || ':' || source_customer_id as identifier_value
    from card_ids

    union all

    select
        card_key,
        'crm_code' as identifier_kind,
        id as identifier_value
    from card_ids

    union all

    select
        card_ids.card_key as card_key,
        'crm_code' as identifier_kind,
        codes.code as identifier_value
    from codes
    inner join card_ids on codes._source = card_ids.source and codes._key = card_ids.id and codes.card_kind = card_ids.card_kind

    union all

    select
        card_key,
        'tax_id' as identifier_kind,
        tax_id as identifier_value
    from card_ids

    union all

    select
        card_key,
        'phone' as identifier_kind,
        coalesce(phone, presentation) as identifier_value
    from card_contacts
    where contact_type in ('Телефон', 'Факс')

    union all

    select
        card_key,
        'email' as identifier_kind,
        coalesce(email, presentation) as identifier_value
    from card_contacts
    where contact_type = 'АдресЭлектроннойПочты'

)

select distinct
    card_key,
    identifier_kind,
    identifier_value
from identifiers
where identifier_value is not null
