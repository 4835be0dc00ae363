{%- set earlier = previous_mart('restatements', ['month', 'metric', 'was', 'now', 'published_at']) %}

select
    month,
    metric,
    {{ cast_as('was', 'decimal(18,2)') }} as was,
    {{ cast_as('now', 'decimal(18,2)') }} as now,
    {{ now_instant() }} as published_at
from {{ ref('int_published_figures') }}
where was <> now
{%- if earlier %}

union all

-- what earlier publications found stays found
select
    month,
    metric,
    was,
    now,
    published_at
from {{ earlier }}
{%- endif %}
