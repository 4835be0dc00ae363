{{ config(materialized=inlined()) }}

with

e_mails as (

    select
        _source,
        _key,
        {{ arg_min('coalesce(email, presentation)', 'line_number') }} as email
    from {{ ref('stg_onec__manager_contacts') }}
    where contact_type = 'АдресЭлектроннойПочты'
    group by _source, _key

)

select
    people._source || ':' || people._key as manager_ref,
    people._source as source,
    people._key as manager_id,
    people.name as manager_name,
    {{ lower_case('e_mails.email') }} as email,
    people.internal_code,
    people.extension,
    departments.name as department,
    not coalesce(people.is_marked, false)
    and not coalesce(people.is_invalid, false)
    and (people.dismissed_on is null or people.dismissed_on > {{ as_of_date() }}) as is_active
from {{ ref('stg_onec__managers') }} as people
left join e_mails on people._source = e_mails._source and people._key = e_mails._key
left join {{ ref('stg_onec__departments') }} as departments
    on people._source = departments._source and people.department_id = departments._key
where not people.is_deleted and not coalesce(people.is_folder, false) and not coalesce(people.is_service_user, false)
