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

{% macro duckdb__json_fields(relation, fields) -%}
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

{% macro clickhouse__json_fields(relation, fields) -%}
    {%- set kept = ['_source', '_key', '_modified_at', '_loaded_at', '_load_id', 'is_deleted'] -%}
    {%- set parsed -%}
        select
            {{ record_columns() }}
            {{ clickhouse__record('payload', fields) }} as _record
        from {{ relation }}
    {%- endset -%}
    {{ clickhouse__typed_record(parsed, kept, fields) }}
{%- endmacro %}

{% macro clickhouse__explode_json(relation, column, fields, keep, member='') -%}
    {%- set list -%}
    {%- if member -%}
    JSONExtractArrayRaw(ifNull({{ column }}, ''), '{{ member }}')
    {%- else -%}
    if(
        startsWith(ifNull({{ column }}, ''), char(123)),
        tupleElement(JSONExtractKeysAndValuesRaw(ifNull({{ column }}, '')), 2),
        JSONExtractArrayRaw(ifNull({{ column }}, '[]'))
    )
    {%- endif -%}
    {%- endset -%}
    {%- set parsed -%}
        select
            {% for name in keep %}{{ name }}, {% endfor %}
            item_number,
            {{ clickhouse__record('_item', fields) }} as _record
        from (
            select
                *,
                {{ list }} as _items
            from {{ relation }}
        ) as listed
        array join _items as _item, arrayEnumerate(_items) as item_number
    {%- endset -%}
    {{ clickhouse__typed_record(parsed, keep + ['item_number'], fields) }}
{%- endmacro %}

{% macro duckdb__json_text(column, path) -%}
    nullif(json_extract_string({{ column }}, '{{ _path(path) }}'), '')
{%- endmacro %}

{% macro clickhouse__json_text(column, path) -%}
    nullif(JSONExtract(ifNull({{ column }}, ''), {{ clickhouse__path_arguments(path) }}'Nullable(String)'), '')
{%- endmacro %}

{#- ---------- inner workings -#}

{% macro _path(path) -%}
    {{ path if path.startswith('$') else '$.' ~ path }}
{%- endmacro %}

{% macro _record(column, fields) -%}
    {%- set paths = [] -%}
    {%- for spec in fields.values() -%}
        {%- for path in (spec if spec is string else spec[0]).split('|') -%}
            {%- do paths.append("'" ~ _path(path) ~ "'") -%}
        {%- endfor -%}
    {%- endfor -%}
    json_extract_string({{ column }}, [{{ paths | join(', ') }}])
{%- endmacro %}

{#- The select list of both; _uncast_fields names what had text and gave no value. -#}
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

{#- ---------- ClickHouse: one typed extraction per record, then the texts, then their values, each under its name, so that none stands twice -#}

{#- The steps of a path: 'a.b[0]' is a, b and 1 (its indices start at 1); a key with a dot is quoted. -#}
{% macro clickhouse__path_steps(path) -%}
    {%- set steps = [] -%}
    {%- for key, index in modules.re.findall('"([^"]+)"|\\[([0-9]+)\\]', path) if path.startswith('"') -%}
        {%- do steps.append(index | int + 1 if index else key) -%}
    {%- else -%}
        {%- for step in path.split('.') if path != '$' -%}
            {%- set parts = step.split('[') -%}
            {%- do steps.append(parts[0]) -%}
            {%- for index in parts[1:] -%}{%- do steps.append(index.rstrip(']') | int + 1) -%}{%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(steps) }}
{%- endmacro %}

{% macro clickhouse__path_arguments(path) -%}
    {%- for step in clickhouse__path_steps(path) -%}
        {{ step if step is integer else "'" ~ step ~ "'" }}, {{ '' }}
    {%- endfor -%}
{%- endmacro %}

{#-
    The paths of a record that one typed extraction gives, as a tree of keys with none at its leaves, and the others: into arrays, and a key
    that is read both as a whole and inside.
-#}
{% macro clickhouse__record_plan(fields) -%}
    {%- set tree = {} -%}
    {%- set others = [] -%}
    {%- for spec in fields.values() -%}
        {%- for path in (spec if spec is string else spec[0]).split('|') -%}
            {%- set steps = clickhouse__path_steps(path) -%}
            {%- set at = namespace(node=tree, fits=steps | length > 0 and steps | select('integer') | list | length == 0) -%}
            {%- for step in steps if at.fits -%}
                {%- if loop.last -%}
                    {%- if step in at.node and at.node[step] is not none -%}
                        {%- set at.fits = false -%}
                    {%- else -%}
                        {%- do at.node.update({step: none}) -%}
                    {%- endif -%}
                {%- elif step in at.node and at.node[step] is none -%}
                    {%- set at.fits = false -%}
                {%- else -%}
                    {%- do at.node.setdefault(step, {}) -%}
                    {%- set at.node = at.node[step] -%}
                {%- endif -%}
            {%- endfor -%}
            {%- if not at.fits and path not in others -%}{%- do others.append(path) -%}{%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return({'tree': tree, 'others': others}) }}
{%- endmacro %}

{% macro clickhouse__tree_type(tree) -%}
    Tuple({% for key, inner in tree.items() -%}
        `{{ key }}` {{ 'Nullable(String)' if inner is none else clickhouse__tree_type(inner) }}{{ ', ' if not loop.last }}
    {%- endfor %})
{%- endmacro %}

{% macro clickhouse__record(column, fields) -%}
    {%- set plan = clickhouse__record_plan(fields) -%}
    tuple(
        {{ "JSONExtract(ifNull(" ~ column ~ ", ''), '" ~ clickhouse__tree_type(plan.tree) ~ "')" if plan.tree else 'null' }}
        {%- for path in plan.others %},
        JSONExtract(ifNull({{ column }}, ''), {{ clickhouse__path_arguments(path) }}'Nullable(String)')
        {%- endfor %}
    )
{%- endmacro %}

{% macro clickhouse__record_text(plan, path) -%}
    {%- if path in plan.others -%}
    nullif(tupleElement(_record, {{ plan.others.index(path) + 2 }}), '')
    {%- else -%}
    {%- set found = namespace(text='tupleElement(_record, 1)') -%}
    {%- for step in clickhouse__path_steps(path) -%}
        {%- set found.text = 'tupleElement(' ~ found.text ~ ", '" ~ step ~ "')" -%}
    {%- endfor -%}
    nullif({{ found.text }}, '')
    {%- endif -%}
{%- endmacro %}

{% macro clickhouse__typed_record(parsed, kept, fields) -%}
    {%- set plan = clickhouse__record_plan(fields) -%}
    {%- set marks = [] -%}
    {%- for name, spec in fields.items() if spec is not string and spec[1] not in ('text', 'json', 'ref') -%}
        {%- do marks.append('case when ' ~ name ~ ' is null and ' ~ _filled('_text_' ~ name, spec[1]) ~ " then '" ~ name ~ "' end") -%}
    {%- endfor -%}
    select
        {{ kept | join(', ') }},
        {{ fields.keys() | join(', ') }},
        {{ joined_texts(marks) if marks else 'cast(null as ' ~ text_type() ~ ')' }} as _uncast_fields
    from (
        select
            {{ kept | join(', ') }}
            {%- for name, spec in fields.items() %},
            {{ text_as('_text_' ~ name, 'text' if spec is string else spec[1]) }} as {{ name }}
            {%- endfor %}
            {%- for name, spec in fields.items() if spec is not string and spec[1] not in ('text', 'json', 'ref') %},
            _text_{{ name }}
            {%- endfor %}
        from (
            select
                {{ kept | join(', ') }}
                {%- for name, spec in fields.items() %}
                {%- set texts = [] -%}
                {%- for path in (spec if spec is string else spec[0]).split('|') -%}
                    {%- do texts.append(clickhouse__record_text(plan, path)) -%}
                {%- endfor -%}
                ,
                {{ texts[0] if texts | length == 1 else 'coalesce(' ~ texts | join(', ') ~ ')' }} as _text_{{ name }}
                {%- endfor %}
            from (
                {{ parsed }}
            ) as parsed
        ) as texts
    ) as typed
{%- endmacro %}
