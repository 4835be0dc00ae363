select
    _source || ':' || _key as organisation_key,
    coalesce(name, full_name) as organisation_name,
    tax_id
from {{ ref('stg_onec__organisations') }}
where not is_deleted
