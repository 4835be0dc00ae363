-- The marks that visits of the site came with, beside the origins that records carry: one match finds the campaigns of them all.
{{ config(materialized=inlined()) }}
select
    source,
    visit_key as record_key,
    utm_source,
    utm_medium,
    utm_campaign,
    {{ cast_as('null', 'varchar') }} as crm_source
from {{ ref('int_site_visits__metrika') }}
