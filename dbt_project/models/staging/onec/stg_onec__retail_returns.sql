{{ config(materialized='incremental') }}

{{ onec_retail_documents('retail_returns', {
    'receipt_id': ['ЧекККМ_Key|ЧекККМ', 'ref'],
}) }}
