-- A stage is known to last only until the systems were last asked.
select max(newest_load_at) as newest_load_at
from (
    {%- for model in [
        'stg_amocrm__leads', 'stg_amocrm__events', 'stg_amocrm__tasks', 'stg_amocrm__call_notes',
        'stg_bitrix24__deals', 'stg_bitrix24__stage_history', 'stg_bitrix24__activities', 'stg_bitrix24__calls',
    ] %}
    select max(_loaded_at) as newest_load_at
    from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
) as loads
