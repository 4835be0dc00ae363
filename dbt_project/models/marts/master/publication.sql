select
    '{{ env_var("SKVOZ_RUN_ID", var("run_id")) }}' as run_id,
    {{ now_instant() }} as published_at,
    {{ as_of_date() }} as as_of_date,
    {{ text_literal(var('company_name')) }} as company_name,
    '{{ var("base_currency") }}' as base_currency,
    '{{ var("company_timezone") }}' as timezone,
    '{{ var("skvoz_version") }}' as skvoz_version
