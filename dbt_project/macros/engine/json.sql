{#-
    Reading JSON payloads: every path of a record is taken in one parse.
    A field is 'path' (text) or ['path', 'kind']. A path is 'a.b[0].c'; alternatives are divided by '|' and the first
    that is there wins ('title|TITLE'); '$' is the element itself; a key with a dot is quoted: '"odata.type"'.
    Kinds: text, integer, number, money, quantity, rate, double, boolean, date, timestamp (wall time), instant (ISO with an
    offset), epoch (unix seconds), ref (1C reference; the empty one is NULL), json (an object or array, for explode_json).
    Empty text, 1C's empty reference, its empty date 0001-01-01 and what means never (3999-12-31, 9999-12-31) are NULL.
-#}
{% macro json_fields(relation, fields) -%}
    {{ return(adapter.dispatch('json_fields', 'skvoz')(relation, fields)) }}
{%- endmacro %}

{#-
    One row per element of a JSON array (or value of a JSON object) in `column`: the kept columns, item_number (from 1), the fields.
    `member` names the array inside the object that the column holds: taken apart where it stands, it is parsed once less.
-#}
{% macro explode_json(relation, column, fields, keep, member='') -%}
    {{ return(adapter.dispatch('explode_json', 'skvoz')(relation, column, fields, keep, member)) }}
{%- endmacro %}

{#- Text at one path of a JSON column: for a single look only, json_fields reads many at once. -#}
{% macro json_text(column, path) -%}
    {{ return(adapter.dispatch('json_text', 'skvoz')(column, path)) }}
{%- endmacro %}

{#- The technical columns that every staging model carries on. -#}
{% macro record_columns() -%}
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    _deleted as is_deleted,
{%- endmacro %}

{% macro default__json_fields(relation, fields) -%}
    select
        {{ record_columns() }}
        {{ _typed_fields(fields) }}
    from (
        select
            *,
            {{ _record('payload', fields) }} as _record
        from {{ relation }}
    ) as parsed
{%- endmacro %}

{% macro duckdb__explode_json(relation, column, fields, keep, member='') -%}
    {%- set list -%}
    {%- if member -%}
    try(json_extract({{ column }}, '{{ _path(member) }}[*]'))
    {%- else -%}
    case
        when left({{ column }}, 1) = '[' then try(json_extract({{ column }}, '$[*]'))
        when left({{ column }}, 1) = chr(123) then try(json_extract({{ column }}, '$.*'))
    end
    {%- endif -%}
    {%- endset %}
    select
        {% for name in keep %}{{ name }}, {% endfor %}
        item_number,
        {{ _typed_fields(fields) }}
    from (
        select
            {% for name in keep %}{{ name }}, {% endfor %}
            item_number,
            {{ _record('_item', fields) }} as _record
        from (
            select
                {% for name in keep %}{{ name }}, {% endfor %}
                unnest(_items) as _item,
                generate_subscripts(_items, 1) as item_number
            from (select *, {{ list }} as _items from {{ relation }}) as listed
        ) as exploded
    ) as parsed
{%- endmacro %}

{% macro clickhouse__explode_json(relation, column, fields, keep, member='') -%}
    select
        {% for name in keep %}{{ name }}, {% endfor %}
        item_number,
        {{ _typed_fields(fields) }}
    from (
        select
            {% for name in keep %}{{ name }}, {% endfor %}
            item_number,
            {{ _record('_item', fields) }} as _record
        from (
            select
                *,
                {% if member -%}
                JSONExtractArrayRaw(ifNull({{ column }}, ''), '{{ member }}') as _items
                {%- else -%}
                JSONExtractArrayRaw(ifNull({{ column }}, '[]')) as _items
                {%- endif %}
            from {{ relation }}
        ) as listed
        array join _items as _item, arrayEnumerate(_items) as item_number
    ) as parsed
{%- endmacro %}

{% macro duckdb__json_text(column, path) -%}
    nullif(json_extract_string({{ column }}, '{{ _path(path) }}'), '')
{%- endmacro %}

{% macro clickhouse__json_text(column, path) -%}
    nullif(JSONExtract(ifNull({{ column }}, ''), {{ _path_arguments(path) }}'Nullable(String)'), '')
{%- endmacro %}

{#- ---------- inner workings -#}

{% macro _path(path) -%}
    {{ path if path.startswith('$') else '$.' ~ path }}
{%- endmacro %}

{#- 'a.b[0]' as the arguments of JSONExtract: 'a', 'b', 1, (its indices start at 1). -#}
{% macro _path_arguments(path) -%}
    {%- if path != '$' -%}
    {%- for step in path.split('.') -%}
        {%- set parts = step.replace('"', '').split('[') -%}
        '{{ parts[0] }}', {% for index in parts[1:] %}{{ index.rstrip(']') | int + 1 }}, {% endfor -%}
    {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro _record(column, fields) -%}
    {{ return(adapter.dispatch('_record', 'skvoz')(column, fields)) }}
{%- endmacro %}

{% macro duckdb___record(column, fields) -%}
    {%- set paths = [] -%}
    {%- for spec in fields.values() -%}
        {%- for path in (spec if spec is string else spec[0]).split('|') -%}
            {%- do paths.append("'" ~ _path(path) ~ "'") -%}
        {%- endfor -%}
    {%- endfor -%}
    json_extract_string({{ column }}, [{{ paths | join(', ') }}])
{%- endmacro %}

{% macro clickhouse___record(column, fields) -%}
    {%- set values = [] -%}
    {%- for spec in fields.values() -%}
        {%- for path in (spec if spec is string else spec[0]).split('|') -%}
            {%- do values.append("JSONExtract(ifNull(" ~ column ~ ", ''), " ~ _path_arguments(path) ~ "'Nullable(String)')") -%}
        {%- endfor -%}
    {%- endfor -%}
    array({{ values | join(', ') }})
{%- endmacro %}

{#- The select list of json_fields and explode_json; _uncast_fields names what had text and gave no value. -#}
{% macro _typed_fields(fields) -%}
    {%- set position = namespace(value=0) -%}
    {%- set marks = [] -%}
    {%- for name, spec in fields.items() -%}
        {%- set kind = 'text' if spec is string else spec[1] -%}
        {%- set texts = [] -%}
        {%- for path in (spec if spec is string else spec[0]).split('|') -%}
            {%- set position.value = position.value + 1 -%}
            {%- do texts.append("nullif(_record[" ~ position.value ~ "], '')") -%}
        {%- endfor -%}
        {%- set text = texts[0] if texts | length == 1 else 'coalesce(' ~ texts | join(', ') ~ ')' -%}
        {%- set value = text_as(text, kind) %}
        {{ value }} as {{ name }},
        {%- if kind not in ('text', 'json', 'ref') -%}
            {%- do marks.append('case when ' ~ value ~ ' is null and ' ~ _filled(text, kind) ~ " then '" ~ name ~ "' end") -%}
        {%- endif -%}
    {%- endfor %}
        {% if marks -%}
        {{ joined_texts(marks) }} as _uncast_fields
        {%- else -%}
        cast(null as {{ text_type() }}) as _uncast_fields
        {%- endif -%}
{%- endmacro %}

{% macro _filled(text, kind) -%}
    {%- if kind in ('date', 'timestamp', 'instant') -%}
    {{ text }} not like '0001-01-01%' and {{ text }} not like '0000-%' and {{ text }} not like '3999-%' and {{ text }} not like '9999-%'
    {%- elif kind == 'epoch' -%}
    {{ text }} <> '0'
    {%- else -%}
    {{ text }} is not null
    {%- endif -%}
{%- endmacro %}
