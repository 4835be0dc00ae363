-- Groups of cards that a chain of pairs ties together, forbidden pairs included.
with

pairs as (

    select
        rank_a as node_a,
        rank_b as node_b
    from {{ ref('int_customer_pairs') }}

),

nodes as (

    select node_a as node from pairs
    union
    select node_b as node from pairs

),

{{ connected_components('group', 'nodes', 'pairs', var('identity_rounds') | int) }}

select
    node as card_rank,
    label as group_rank
from group_components
