{%- set countries = [var('company_country')] -%}
{%- for source in var('sources', []) if source.get('country') and source.country not in countries -%}
    {%- do countries.append(source.country) -%}
{%- endfor -%}

with

identifiers as (

    {{ union_of('int_customer_identifiers', ['card_key', 'identifier_kind', 'identifier_value']) }}

    union all

    select
        card_key,
        'tax_id' as identifier_kind,
        tax_id as identifier_value
    from {{ ref('int_customer_cards') }}
    where tax_id is not null

),

placed as (

    select
        cards.card_key as card_key,
        cards.card_rank,
        identifiers.identifier_kind,
        identifiers.identifier_value,
        case
            when identifiers.identifier_kind = 'tax_id'
                then {{ text_replace_pattern(upper_case('identifiers.identifier_value'), '[^0-9A-Z]', '') }}
        end as tax_text,
        {{ lower_case('trim(identifiers.identifier_value)') }} as lower_text,
        case
            when identifiers.identifier_kind = 'phone' then {{ phone_without_extension('identifiers.identifier_value') }}
        end as phone_text,
        sources.country
    from identifiers
    inner join {{ ref('int_customer_cards') }} as cards on identifiers.card_key = cards.card_key
    left join {{ ref('int_sources') }} as sources on cards.source = sources.source
    where not cards.is_technical and identifiers.identifier_value is not null

),

numbered as (

    select
        *,
        {{ digits('phone_text') }} as phone_digits
    from placed

),

normalised as (

    select distinct
        card_key,
        card_rank,
        identifier_kind,
        case identifier_kind
            when 'crm_code' then trim(identifier_value)
            -- a number of one repeated digit is a stopgap that was typed because the field is compulsory
            when 'tax_id' then case
                when
                    {{ text_matches('tax_text', '^[A-Z]{0,2}[0-9]{8,14}$') }}
                    and not {{ text_matches('tax_text', '^(0+|1+|2+|3+|4+|5+|6+|7+|8+|9+|1234567890)$') }}
                    then tax_text
            end
            when 'email' then case
                when {{ text_matches('lower_text', '^[^@ ]+@[^@ ]+[.][^@ .]+$') }} then lower_text
            end
            when 'phone' then case
                {%- for country in countries[1:] %}
                when country = '{{ country }}' then {{ phone_by_plan('phone_text', 'phone_digits', country) }}
                {%- endfor %}
                when true then {{ phone_by_plan('phone_text', 'phone_digits', countries[0]) }}
            end
        end as identifier_value
    from numbered

),

-- counted and joined: a window over millions of texts would sort them
shared as (

    select
        identifier_kind,
        identifier_value,
        count(*) as cards_with_value
    from normalised
    where identifier_value is not null
    group by identifier_kind, identifier_value

)

select
    normalised.card_key as card_key,
    normalised.card_rank as card_rank,
    normalised.identifier_kind as identifier_kind,
    normalised.identifier_value as identifier_value,
    shared.cards_with_value as cards_with_value,
    -- 8-800 lines belong to companies that are called, and a value on many cards is a switchboard or info@
    normalised.identifier_kind = 'phone' and normalised.identifier_value like '+7800%'
    or shared.cards_with_value
    > case normalised.identifier_kind when 'tax_id' then {{ var('shared_tax_id_limit') }} else {{ var('shared_identifier_limit') }} end
    as matches_nobody
from normalised
inner join shared on normalised.identifier_kind = shared.identifier_kind and normalised.identifier_value = shared.identifier_value
