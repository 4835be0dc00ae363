{{ config(materialized=inlined()) }}
{#- What a type of documents is, differs from account to account: `orders` and `payments` in skvoz.toml name them. -#}
with

records as (

    select * from {{ source('freshoffice', 'documents') }}

),

parsed as (

    {{ json_fields('records', {
        'document_id': 'id_doc|id|ID',
        'document_number': 'number_doc|number',
        'document_text': 'data_doc|date',
        'company': 'companies_id|company_id',
        'manager': 'id_manager|manager_id|user_id',
        'deal': 'id_deal|deal_id',
        'type_id': 'id_tip_doc|type_id',
        'amount': ['summa|sum', 'money'],
        'goods': ['tovar_doc.results|tovar_doc|Goods', 'json'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    document_id,
    document_number,
    {{ sent_moment('document_text') }} as document_at,
    {{ crm_id('company') }} as customer_id,
    {{ crm_id('manager') }} as manager_id,
    {{ crm_id('deal') }} as deal_id,
    amount,
    goods,
    {{ named_in_option('type_id', 'orders') }} as is_order,
    {{ named_in_option('type_id', 'payments') }} as is_payment
from parsed
