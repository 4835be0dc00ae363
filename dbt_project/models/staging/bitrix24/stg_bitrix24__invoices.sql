{{ config(materialized='incremental') }}

with records as (
    select *
    from {{ source('bitrix24', 'invoices') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'invoice_id': 'id|ID',
        'invoice_number': 'accountNumber|ACCOUNT_NUMBER',
        'title': 'title|TITLE',
        'stage_id': 'stageId|STAGE_ID|STATUS_ID',
        'deal_id': 'parentId2|PARENT_ID_2|UF_DEAL_ID',
        'company_id': 'companyId|COMPANY_ID|UF_COMPANY_ID',
        'contact_id': 'contactId|CONTACT_ID|UF_CONTACT_ID',
        'assigned_by_id': 'assignedById|ASSIGNED_BY_ID|RESPONSIBLE_ID',
        'currency_code': 'currencyId|CURRENCY_ID|CURRENCY',
        'amount': ['opportunity|OPPORTUNITY|PRICE', 'money'],
        'invoice_date': ['begindate|BEGINDATE|DATE_BILL', 'date'],
        'due_date': ['closedate|CLOSEDATE|DATE_PAY_BEFORE', 'date'],
        'created_at': ['createdTime|CREATED_TIME|DATE_INSERT', 'instant'],
        'updated_at': ['updatedTime|UPDATED_TIME|DATE_UPDATE', 'instant'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    invoice_id,
    invoice_number,
    title,
    stage_id,
    {{ crm_id('deal_id') }} as deal_id,
    {{ crm_id('company_id') }} as company_id,
    {{ crm_id('contact_id') }} as contact_id,
    {{ crm_id('assigned_by_id') }} as assigned_by_id,
    currency_code,
    amount,
    invoice_date,
    due_date,
    created_at,
    updated_at,
    _uncast_fields
from parsed
