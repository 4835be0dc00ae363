with

user_groups as (

    {{ explode_json(ref('stg_amocrm__account'), 'users_groups', {
        'group_id': 'id',
        'group_name': 'name',
    }, ['_source']) }}

)

select
    {{ crm_key('users._source', 'users.user_id') }} as manager_ref,
    users._source as source,
    users.user_id as manager_id,
    users.user_name as manager_name,
    users.email,
    cast(null as {{ text_type() }}) as internal_code,
    users.phone_number as extension,
    coalesce(users.group_name, user_groups.group_name) as department,
    coalesce(users.is_active, true) as is_active
from {{ ref('stg_amocrm__users') }} as users
-- the first group of an account has the id 0, which a user of it carries as 0 or null
left join user_groups
    on users._source = user_groups._source and coalesce(users.group_id, '0') = user_groups.group_id
where not users.is_deleted
