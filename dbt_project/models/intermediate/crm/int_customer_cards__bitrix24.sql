{{ config(materialized=read_through()) }}

with

company_links as (

    {{ explode_json(ref('stg_bitrix24__contacts'), 'company_ids', {
        'company_id': '$',
    }, ['_source', 'contact_id']) }}

),

all_links as (

    select
        _source,
        contact_id,
        {{ crm_id('company_id') }} as company_id
    from company_links

    union all

    -- companyId is only the first of the contact's companies
    select
        _source,
        contact_id,
        company_id
    from {{ ref('stg_bitrix24__contacts') }}

),

only_companies as (

    select
        _source,
        contact_id,
        min(company_id) as company_id
    from all_links
    where company_id is not null
    group by _source, contact_id
    having count(distinct company_id) = 1

),

cards as (

    select
        _source as source,
        'company' as card_kind,
        company_id as card_id,
        company_name as customer_name,
        tax_id,
        kpp,
        city,
        assigned_by_id,
        cast(null as {{ text_type() }}) as parent_company_id,
        created_at
    from {{ ref('stg_bitrix24__companies') }}
    -- our own legal details are kept as a company too
    where not is_deleted and not is_own_company

    union all

    select
        contacts._source as source,
        'contact' as card_kind,
        contacts.contact_id as card_id,
        contacts.contact_name as customer_name,
        contacts.tax_id as tax_id,
        cast(null as {{ text_type() }}) as kpp,
        contacts.city as city,
        contacts.assigned_by_id as assigned_by_id,
        companies.company_id as parent_company_id,
        contacts.created_at as created_at
    from {{ ref('stg_bitrix24__contacts') }} as contacts
    left join only_companies
        on contacts._source = only_companies._source and contacts.contact_id = only_companies.contact_id
    left join {{ ref('stg_bitrix24__companies') }} as companies
        on
            only_companies._source = companies._source
            and only_companies.company_id = companies.company_id
            and not companies.is_deleted
            and not companies.is_own_company
    where not contacts.is_deleted
)

select
    {{ crm_key('cards.source', "cards.card_kind || ':' || cards.card_id") }} as card_key,
    cards.source,
    cards.card_kind || ':' || cards.card_id as source_customer_id,
    cards.card_kind,
    cards.customer_name,
    case cards.card_kind when 'company' then 'company' else 'person' end as customer_type,
    cards.tax_id,
    cards.kpp,
    cards.city,
    {{ crm_key('cards.source', 'cards.assigned_by_id') }} as manager_ref,
    {{ crm_key('cards.source', 'cards.parent_company_id', 'company') }} as parent_card_key,
    cards.created_at,
    {{ is_technical_customer('cards.source', "cards.card_kind || ':' || cards.card_id", 'cards.customer_name') }} as is_technical,
    false as is_marked,
    {{ crm_site('sources.url') }}
    || '/crm/' || cards.card_kind || '/details/' || cards.card_id || '/' as source_url
from cards
left join {{ ref('int_sources') }} as sources on cards.source = sources.source
