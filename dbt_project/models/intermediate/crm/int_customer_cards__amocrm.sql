with

fields as (

    select
        source,
        source_customer_id,
        max(case when field_kind = 'tax_id' then field_text end) as tax_id,
        max(case when field_kind = 'kpp' then field_text else legal_kpp end) as kpp,
        max(case when field_kind = 'city' then field_text end) as city
    from {{ ref('int_amocrm_card_fields') }}
    group by source, source_customer_id

),

company_links as (

    {{ explode_json(ref('stg_amocrm__contacts'), 'companies', {
        'company_id': 'id',
    }, ['_source', 'contact_id']) }}

),

only_companies as (

    select
        _source,
        contact_id,
        min(company_id) as company_id
    from company_links
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
        responsible_user_id,
        cast(null as {{ text_type() }}) as parent_company_id,
        created_at
    from {{ ref('stg_amocrm__companies') }}
    where not is_deleted

    union all

    select
        contacts._source as source,
        'contact' as card_kind,
        contacts.contact_id as card_id,
        contacts.contact_name as customer_name,
        contacts.responsible_user_id as responsible_user_id,
        companies.company_id as parent_company_id,
        contacts.created_at as created_at
    from {{ ref('stg_amocrm__contacts') }} as contacts
    left join only_companies
        on contacts._source = only_companies._source and contacts.contact_id = only_companies.contact_id
    left join {{ ref('stg_amocrm__companies') }} as companies
        on
            only_companies._source = companies._source
            and only_companies.company_id = companies.company_id
            and not companies.is_deleted
    where not contacts.is_deleted
)

select
    {{ crm_key('cards.source', "cards.card_kind || ':' || cards.card_id") }} as card_key,
    cards.source as source,
    cards.card_kind || ':' || cards.card_id as source_customer_id,
    cards.card_kind,
    cards.customer_name,
    case cards.card_kind when 'company' then 'company' else 'person' end as customer_type,
    fields.tax_id,
    fields.kpp,
    fields.city,
    {{ crm_key('cards.source', 'cards.responsible_user_id') }} as manager_ref,
    {{ crm_key('cards.source', 'cards.parent_company_id', 'company') }} as parent_card_key,
    cards.created_at,
    {{ is_technical_customer('cards.source', "cards.card_kind || ':' || cards.card_id", 'cards.customer_name') }} as is_technical,
    false as is_marked,
    {{ crm_site('sources.url') }}
    || case cards.card_kind when 'company' then '/companies/detail/' else '/contacts/detail/' end
    || cards.card_id as source_url
from cards
left join fields
    on cards.source = fields.source and cards.card_kind || ':' || cards.card_id = fields.source_customer_id
left join {{ ref('int_sources') }} as sources on cards.source = sources.source
