{{ config(materialized=inlined()) }}
{{ feed_product_cards('commerceml') }}
