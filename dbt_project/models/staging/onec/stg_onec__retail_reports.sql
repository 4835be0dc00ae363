{{ config(materialized='incremental') }}

{{ onec_retail_documents('retail_reports', {
    'returned_goods': ['ВозвращенныеТовары|ВозвратТоваров', 'json'],
}) }}
