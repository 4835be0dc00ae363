{%- set columns = [
    'manager_ref', 'source', 'manager_id', 'manager_name', 'email', 'internal_code', 'extension', 'department', 'is_active',
] -%}

with

cards as (

    {{ union_of('int_manager_cards', columns) }}

)

select
    cards.manager_ref,
    cards.source,
    cards.manager_id,
    nullif(trim(cards.manager_name), '') as manager_name,
    nullif({{ lower_case('trim(cards.email)') }}, '') as email,
    nullif(trim(cards.internal_code), '') as internal_code,
    cards.extension,
    nullif(trim(cards.department), '') as department,
    coalesce(cards.is_active, true) as is_active,
    -- patronymics are written in 1C and rarely in a CRM
    {{ sorted_words(text_replace_pattern('cards.manager_name', '(?i) [^ ]+(вич|вна|ична|оглы|кызы)( |$)', ' ')) }} as name_words,
    row_number() over (
        order by coalesce(sources.position, 1000000), cards.source, {{ id_order('cards.manager_id') }}, cards.manager_ref
    ) as manager_rank
from cards
left join {{ ref('int_sources') }} as sources on cards.source = sources.source
