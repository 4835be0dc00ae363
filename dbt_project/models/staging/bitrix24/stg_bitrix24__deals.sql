{{ config(materialized='incremental') }}

{#- A source may name the field that holds its 1C order (`order_field` in skvoz.toml). crm.item.list spells UF_CRM_ORDER
    as ufCrmOrder, crm.deal.list as it is; a multiple field is a list of which the first value counts. -#}
{%- set order_fields = {} -%}
{%- for configured in var('sources', []) if configured.system == 'bitrix24' and configured.get('order_field') -%}
    {%- set camel = bitrix24_camel_name(configured.order_field) -%}
    {%- do order_fields.update({configured.name: bitrix24_field_paths(configured.order_field ~ '|' ~ camel)}) -%}
{%- endfor -%}
{%- set fields = {
    'deal_id': 'id|ID',
    'title': 'title|TITLE',
    'category_id': 'categoryId|CATEGORY_ID',
    'stage_id': 'stageId|STAGE_ID',
    'stage_semantic_id': 'stageSemanticId|STAGE_SEMANTIC_ID',
    'currency_code': 'currencyId|CURRENCY_ID',
    'amount': ['opportunity|OPPORTUNITY', 'money'],
    'company_id': 'companyId|COMPANY_ID',
    'contact_id': 'contactId|CONTACT_ID',
    'first_contact_id': 'contactIds[0]|CONTACT_IDS[0]',
    'lead_id': 'leadId|LEAD_ID',
    'assigned_by_id': 'assignedById|ASSIGNED_BY_ID',
    'crm_source': 'sourceId|SOURCE_ID',
    'loss_reason': bitrix24_field_paths(bitrix24_field('loss_reason')),
    'utm_source': 'utmSource|UTM_SOURCE',
    'utm_medium': 'utmMedium|UTM_MEDIUM',
    'utm_campaign': 'utmCampaign|UTM_CAMPAIGN',
    'created_at': ['createdTime|DATE_CREATE', 'instant'],
    'updated_at': ['updatedTime|DATE_MODIFY', 'instant'],
    'moved_at': ['movedTime|MOVED_TIME', 'instant'],
    'planned_close_date': ['closedate|CLOSEDATE', 'date'],
} -%}
{%- for path in order_fields.values() -%}
    {%- do fields.update({'order_field_' ~ loop.index: path}) -%}
{%- endfor -%}

with records as (
    select *
    from {{ source('bitrix24', 'deals') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', fields) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    deal_id,
    title,
    category_id,
    stage_id,
    {{ upper_case('stage_semantic_id') }} as stage_semantic_id,
    currency_code,
    amount,
    {{ crm_id('company_id') }} as company_id,
    {{ crm_id('coalesce(' ~ crm_id('contact_id') ~ ', first_contact_id)') }} as contact_id,
    {{ crm_id('lead_id') }} as lead_id,
    {{ crm_id('assigned_by_id') }} as assigned_by_id,
    crm_source,
    {{ bitrix24_value('loss_reason') }} as loss_reason,
    utm_source,
    utm_medium,
    utm_campaign,
    {%- if order_fields %}
    case _source
        {%- for name in order_fields %}
        when '{{ name }}' then {{ bitrix24_value('order_field_' ~ loop.index) }}
        {%- endfor %}
    end as order_ref,
    {%- else %}
    cast(null as {{ text_type() }}) as order_ref,
    {%- endif %}
    created_at,
    updated_at,
    moved_at,
    planned_close_date,
    _uncast_fields
from parsed
