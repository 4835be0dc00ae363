{{ config(materialized=read_through()) }}

with

user_groups as (

    {{ explode_json(ref('stg_amocrm__account'), 'users_groups', {
        'group_id': 'id',
        'group_name': 'name',
    }, ['_source']) }}

),

named_groups as (

    select
        _source,
        group_id,
        max(group_name) as group_name
    from user_groups
    group by _source, group_id

)

select
    {{ crm_key('users._source', 'users.user_id') }} as manager_ref,
    users._source as source,
    users.user_id as manager_id,
    users.user_name as manager_name,
    users.email,
    cast(null as {{ text_type() }}) as internal_code,
    users.phone_number as extension,
    coalesce(users.group_name, named_groups.group_name) as department,
    coalesce(users.is_active, true) as is_active
from {{ ref('stg_amocrm__users') }} as users
-- the first group of an account has the id 0, which a user of it carries as 0 or null
left join named_groups
    on users._source = named_groups._source and coalesce(users.group_id, '0') = named_groups.group_id
where not users.is_deleted
