-- Bounded three ways: the products in most documents, pairs in enough documents, the best pairs of each product.
with

documents as (

    select distinct
        document_key,
        product_key
    from {{ ref('fct_sales') }}
    where
        is_sale
        and quantity > 0
        and product_key is not null
        and sale_date > {{ add_months(as_of_date(), -var('affinity_months')) }}
        and sale_date <= {{ as_of_date() }}

),

totals as (

    select count(distinct document_key) as documents
    from documents

),

products as {{ computed_once() }} (

    select
        product_key,
        count(*) as documents,
        row_number() over (order by count(*) desc, product_key) as place
    from documents
    group by product_key

),

frequent as (

    select
        documents.document_key as document_key,
        documents.product_key as product_key
    from documents
    inner join products on documents.product_key = products.product_key
    where products.place <= {{ var('affinity_products') }} and products.documents >= {{ var('affinity_min_documents') }}

),

pairs as (

    select
        here.product_key as product_key,
        there.product_key as other_product_key,
        count(*) as documents_together
    from frequent as here
    inner join frequent as there on here.document_key = there.document_key
    where here.product_key <> there.product_key
    group by here.product_key, there.product_key
    having count(*) >= {{ var('affinity_min_documents') }}

),

measured as (

    select
        pairs.product_key as product_key,
        pairs.other_product_key,
        pairs.documents_together,
        products.documents as documents,
        others.documents as other_documents,
        {{ ratio('pairs.documents_together', 'totals.documents') }} as support,
        {{ ratio('pairs.documents_together', 'products.documents') }} as confidence,
        {{ ratio('pairs.documents_together * totals.documents', 'products.documents * others.documents') }} as lift
    from pairs
    inner join products on pairs.product_key = products.product_key
    inner join products as others on pairs.other_product_key = others.product_key
    cross join totals

),

ranked as (

    select
        *,
        row_number() over (partition by product_key order by lift desc, documents_together desc, other_product_key) as pair_rank
    from measured

)

select
    product_key,
    other_product_key,
    {{ cast_as('documents_together', 'bigint') }} as documents_together,
    {{ cast_as('documents', 'bigint') }} as documents,
    {{ cast_as('other_documents', 'bigint') }} as other_documents,
    support,
    confidence,
    lift,
    {{ cast_as('pair_rank', 'integer') }} as pair_rank
from ranked
where pair_rank <= {{ var('affinity_pairs') }}
