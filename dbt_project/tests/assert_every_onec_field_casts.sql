-- A returned row names fields of 1C that held text which is no value of their type: they are NULL in staging.
{{ config(severity='warn', tags=['nightly']) }}
{%- set models = [
    'organisations', 'currencies', 'currency_rates', 'warehouses', 'departments', 'managers', 'partners', 'counterparties', 'contracts',
    'products', 'product_categories', 'product_keys', 'partner_keys', 'units', 'cash_articles', 'orders', 'order_lines',
    'order_payment_stages', 'shipments', 'shipment_lines', 'shipment_payment_stages', 'returns', 'return_lines', 'sales_register_rows',
    'bank_receipts', 'bank_receipt_splits', 'bank_payments', 'bank_payment_splits', 'cash_receipts', 'cash_receipt_splits',
    'cash_payments', 'cash_payment_splits', 'card_operations', 'card_operation_splits', 'retail_receipts', 'retail_receipt_lines',
    'retail_returns', 'retail_return_lines', 'retail_reports', 'retail_report_lines', 'receivables_balance', 'stock_balance', 'claims',
    'leads', 'deals', 'phone_calls', 'events', 'bank_accounts', 'cash_desks', 'money_transfers', 'payables_balance', 'bank_opening_balance',
    'cash_opening_balance', 'receivables_opening_balance', 'till_balance', 'claim_lines',
] %}
{% for model in models %}
select
    '{{ model }}' as model,
    _uncast_fields as fields,
    count(*) as records,
    min(_source || ':' || _key) as example
from {{ ref('stg_onec__' ~ model) }}
where _uncast_fields is not null
group by _uncast_fields
{{ 'union all' if not loop.last }}
{%- endfor %}
