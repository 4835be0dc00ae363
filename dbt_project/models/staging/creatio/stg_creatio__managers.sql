{{ config(materialized=inlined()) }}
-- A user is an account of a contact; owners of records are contacts. Roles are units of administration as well and have no contact.
with

user_records as (

    select * from {{ source('creatio', 'users') }}

),

users as (

    {{ json_fields('user_records', {
        'user_name': 'Name',
        'contact_id': ['ContactId', 'ref'],
        'is_active': ['Active', 'boolean'],
    }) }}

),

contact_records as (

    select *
    from {{ source('creatio', 'contacts') }}
    where not _deleted

),

contacts as (

    {{ json_fields('contact_records', {
        'contact_id': 'Id',
        'contact_name': 'Name',
        'email': 'Email',
        'extension': 'Phone',
    }) }}

),

ranked as (

    select
        *,
        row_number() over (partition by _source, contact_id order by coalesce(is_active, true) desc, _key) as place
    from users
    where contact_id is not null and not is_deleted
)

select
    ranked._source as _source,
    ranked._key as _key,
    ranked._modified_at as _modified_at,
    ranked._loaded_at as _loaded_at,
    ranked._load_id as _load_id,
    ranked.is_deleted as is_deleted,
    ranked.contact_id as manager_id,
    coalesce(contacts.contact_name, ranked.user_name) as manager_name,
    contacts.email as email,
    cast(null as {{ text_type() }}) as internal_code,
    contacts.extension as extension,
    cast(null as {{ text_type() }}) as department,
    ranked.is_active as is_active
from ranked
left join contacts on ranked._source = contacts._source and ranked.contact_id = contacts.contact_id
where ranked.place = 1
