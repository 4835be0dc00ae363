{{ config(materialized=inlined()) }}
{{ feed_product_cards('commerceml', path='category_path') }}
