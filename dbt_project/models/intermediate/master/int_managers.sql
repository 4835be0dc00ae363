{#- Attributes of a person: each from the first record (in the order of sources) that has it; active while any record is. -#}
select
    links.manager_key,
    {{ first_known('cards.manager_name', 'cards.manager_rank') }} as manager_name,
    {{ first_known('cards.email', 'cards.manager_rank') }} as email,
    {{ first_known('cards.internal_code', 'cards.manager_rank') }} as internal_code,
    {{ first_known('cards.department', 'cards.manager_rank') }} as department,
    {{ any_true('cards.is_active') }} as is_active
from {{ ref('int_manager_cards') }} as cards
inner join {{ ref('int_manager_links') }} as links on cards.manager_ref = links.manager_ref
group by links.manager_key
