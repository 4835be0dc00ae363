{{ config(materialized=inlined()) }}
{#- The field that holds the 1C order (`order_field` in skvoz.toml) lies in crm_deal_uf. -#}
{%- set order_fields = {} -%}
{%- for configured in var('sources', []) if configured.system == 'bitrix24_bi' and configured.get('order_field') -%}
    {%- do order_fields.update({configured.name: configured.order_field}) -%}
{%- endfor -%}
{%- set own_fields = {'owner_id': 'DEAL_ID', 'loss_reason': bitrix24_field('loss_reason')} -%}
{%- for path in order_fields.values() -%}
    {%- do own_fields.update({'order_field_' ~ loop.index: path}) -%}
{%- endfor -%}
with

records as (

    select * from {{ source('bitrix24_bi', 'deals') }}

),

field_records as (

    select * from {{ source('bitrix24_bi', 'deal_fields') }} where not _deleted

),

own_fields as (

    {{ json_fields('field_records', own_fields) }}

),

parsed as (

    {{ json_fields('records', {
        'deal_id': 'ID',
        'deal_name': 'TITLE',
        'category_id': 'CATEGORY_ID',
        'pipeline_name': 'CATEGORY_NAME',
        'stage_id': 'STAGE_ID',
        'stage_name': 'STAGE_NAME',
        'semantic': 'STAGE_SEMANTIC_ID',
        'company_id': 'COMPANY_ID',
        'contact': 'CONTACT_ID',
        'assigned_by_id': 'ASSIGNED_BY_ID',
        'amount': ['OPPORTUNITY', 'money'],
        'currency_code': 'CURRENCY_ID',
        'created_text': 'DATE_CREATE',
        'updated_text': 'DATE_MODIFY',
        'moved_text': 'MOVED_TIME',
        'utm_source': 'UTM_SOURCE',
        'utm_medium': 'UTM_MEDIUM',
        'utm_campaign': 'UTM_CAMPAIGN',
        'source_id': 'SOURCE_ID',
        'source_name': 'SOURCE_NAME',
        'lead': 'LEAD_ID',
    }) }}
)

select
    parsed._source as _source,
    parsed._key as _key,
    parsed._modified_at as _modified_at,
    parsed._loaded_at as _loaded_at,
    parsed._load_id as _load_id,
    parsed.is_deleted as is_deleted,
    parsed.deal_id as deal_id,
    parsed.deal_name as deal_name,
    {{ bitrix24_pipeline('parsed.stage_id', 'parsed.category_id') }} as pipeline_id,
    parsed.pipeline_name as pipeline_name,
    parsed.stage_id as stage_id,
    parsed.stage_name as stage_name,
    case {{ upper_case('parsed.semantic') }} when 'S' then 'won' when 'F' then 'lost' else 'open' end as stage_kind,
    'company:' || {{ crm_id('parsed.company_id') }} as customer_id,
    {{ crm_id('parsed.contact') }} as contact_id,
    {{ crm_id('parsed.assigned_by_id') }} as manager_id,
    parsed.amount as amount,
    parsed.currency_code as currency_code,
    {{ sent_moment('parsed.created_text', 'parsed._source') }} as created_at,
    {{ sent_moment('parsed.updated_text', 'parsed._source') }} as updated_at,
    -- CLOSEDATE is the planned day: the moment of closing is that of the won or lost stage
    {{ cast_as('null', 'timestamptz') }} as closed_at,
    own_fields.loss_reason as loss_reason,
    parsed.utm_source as utm_source,
    parsed.utm_medium as utm_medium,
    parsed.utm_campaign as utm_campaign,
    {{ bitrix24_source_name('parsed.source_id', 'parsed.source_name') }} as crm_source,
    {{ crm_id('parsed.lead') }} as lead_id,
    {%- if order_fields %}
    case parsed._source
        {%- for name in order_fields %}
        when '{{ name }}' then own_fields.order_field_{{ loop.index }}
        {%- endfor %}
    end as order_ref,
    {%- else %}
    cast(null as {{ text_type() }}) as order_ref,
    {%- endif %}
    {{ crm_site('sources.url') }} || '/crm/deal/details/' || parsed.deal_id || '/' as source_url
from parsed
left join own_fields on parsed._source = own_fields._source and parsed.deal_id = own_fields.owner_id
left join {{ ref('int_sources') }} as sources on parsed._source = sources.source
