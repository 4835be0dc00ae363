{#-
    Deals that 1C keeps (УТ, КА, ERP «Сделки с клиентами», 1С:CRM «Интерес»), of a company that has no CRM beside it: with one, the same
    business would stand in fct_deals twice, and 1C's half of it has neither stages nor amounts.
-#}
{{ config(materialized=inlined()) }}
{%- set crms = [] -%}
{%- for one in var('sources') if one.system != 'feed' and one.system in var('systems_of')['int_stage_records'] -%}
    {%- do crms.append(one.name) -%}
{%- endfor %}

with

deals as (

    select
        *,
        case
            when {{ lower_case("coalesce(status, '')") }} like '%проигр%' then 'lost'
            when {{ lower_case("coalesce(status, '')") }} like '%выигр%' then 'won'
            else 'open'
        end as stage_kind
    from {{ ref('stg_onec__deals') }}
    where not is_deleted and not coalesce(is_marked, false){{ ' and 1 = 0' if crms }}

)

select
    {{ crm_key('_source', '_key', 'deal') }} as deal_key,
    _source as source,
    _key as deal_id,
    name as deal_name,
    '1c' as pipeline_id,
    coalesce(status, 'open') as stage_id,
    _source || ':1c:' || coalesce(status, 'open') as stage_key,
    stage_kind,
    _source || ':partner:' || partner_id as company_card_key,
    cast(null as {{ text_type() }}) as contact_card_key,
    {{ crm_key('_source', 'responsible_id') }} as manager_ref,
    amount,
    {{ accounting_currency('_source') }} as currency_code,
    coalesce({{ source_instant('started_at') }}, _loaded_at) as created_at,
    {{ cast_as('null', 'timestamptz') }} as updated_at,
    _loaded_at as stage_seen_at,
    case when stage_kind <> 'open' and finished_at is not null then {{ source_instant('finished_at') }} end as system_closed_at,
    cast(null as {{ text_type() }}) as loss_reason,
    cast(null as {{ text_type() }}) as utm_source,
    cast(null as {{ text_type() }}) as utm_medium,
    cast(null as {{ text_type() }}) as utm_campaign,
    cast(null as {{ text_type() }}) as crm_source,
    cast(null as {{ text_type() }}) as lead_id,
    cast(null as {{ text_type() }}) as order_ref,
    cast(null as {{ text_type() }}) as source_url
from deals
