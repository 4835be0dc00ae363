{#-
    One person across the systems: the mapping seed, then the internal code, the e-mail and the name. A name meets only
    where it is one person's in each source, and never two people with different codes.
-#}
with

cards as (

    select
        manager_ref,
        manager_rank,
        source,
        email,
        internal_code,
        name_words,
        count(*) over (partition by source, name_words) as namesakes,
        count(*) over (partition by source, email) as same_email
    from {{ ref('int_manager_cards') }}

),

pairs as (

    select
        here.manager_rank as node_a,
        there.manager_rank as node_b
    from {{ ref('manager_matches') }} as matches
    inner join cards as here on matches.source || ':' || matches.manager_id = here.manager_ref
    inner join cards as there on matches.same_as_source || ':' || matches.same_as_manager_id = there.manager_ref

    union all

    select
        here.manager_rank as node_a,
        there.manager_rank as node_b
    from cards as here
    inner join cards as there on here.internal_code = there.internal_code
    where here.manager_rank < there.manager_rank

    union all

    select
        here.manager_rank as node_a,
        there.manager_rank as node_b
    from cards as here
    inner join cards as there on here.email = there.email
    where
        here.manager_rank < there.manager_rank
        and here.same_email = 1
        and there.same_email = 1
        and coalesce(here.internal_code = there.internal_code, true)

    union all

    select
        here.manager_rank as node_a,
        there.manager_rank as node_b
    from cards as here
    inner join cards as there on here.name_words = there.name_words
    where
        here.manager_rank < there.manager_rank
        and here.source <> there.source
        and here.namesakes = 1
        and there.namesakes = 1
        and here.name_words like '% %'
        and coalesce(here.internal_code = there.internal_code, true)

),

nodes as (

    select manager_rank as node from cards

),

{{ connected_components('person', 'nodes', 'pairs', 5) }}

select
    cards.manager_ref as manager_ref,
    firsts.manager_ref as manager_key,
    cards.manager_rank as manager_rank
from cards
inner join person_components on cards.manager_rank = person_components.node
inner join cards as firsts on person_components.label = firsts.manager_rank
