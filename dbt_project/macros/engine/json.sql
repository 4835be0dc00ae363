{#-
    Reading JSON payloads: every path of a record is taken in one parse.
    A field is 'path' (text) or ['path', 'kind']. A path is 'a.b[0].c'; alternatives are divided by '|' and the first
    that is there and not empty wins ('title|TITLE'); '$' is the element itself; a key with a dot is quoted: '"odata.type"'.
    Kinds: text, code (as sent: ids and codes, which no system pads with spaces), integer, number, money, quantity, rate, double, boolean,
    date, timestamp (wall time), instant (ISO with an offset), epoch (unix seconds), ref (1C reference; the empty one is NULL), json (an object
    or array, for explode_json).
    `many`: a stream of hundreds of thousands of records or more, worth the preparation that its exact shape costs every query.
    Empty text, 1C's empty reference, its empty date 0001-01-01 and what means never (3999-12-31, 9999-12-31) are NULL.
-#}
{% macro json_fields(relation, fields, many=false) -%}
    {{ return(adapter.dispatch('json_fields', 'skvoz')(relation, fields, many)) }}
{%- endmacro %}

{#-
    One row per element of a JSON array (or value of a JSON object) in `column`: the kept columns, item_number (from 1), the fields.
    `member` names the array inside the object that the column holds: taken apart where it stands, it is parsed once less; `head` are fields
    of that object, read in the same parse and put before the others.
-#}
{% macro explode_json(relation, column, fields, keep, member='', head={}) -%}
    {{ return(adapter.dispatch('explode_json', 'skvoz')(relation, column, fields, keep, member, head)) }}
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

{% macro duckdb__json_fields(relation, fields, many=false) -%}
    {%- set shape = duckdb__record_shape(fields) if many else {} -%}
    select
        {{ record_columns() }}
        {{ duckdb__typed_fields(fields, shape) }}
    from (
        select
            *,
            {{ duckdb__record('payload', fields, shape) }} as _record
        from {{ relation }}
    ) as parsed
{%- endmacro %}

{% macro duckdb__explode_json(relation, column, fields, keep, member='', head={}) -%}
    {%- set kept = keep + head.keys() | list -%}
    {%- set shape = duckdb__record_shape(fields) if member else {} -%}
    {%- set whole_shape = duckdb__record_shape(head) -%}
    {%- if shape -%}{%- do whole_shape.update({member: {'[]': shape}}) -%}{%- endif -%}
    {%- set list -%}
    {%- if shape -%}
    _whole."{{ member }}"
    {%- elif member -%}
    try(json_extract({{ column }}, '{{ _path(member) }}[*]'))
    {%- else -%}
    case
        when left({{ column }}, 1) = '[' then try(json_extract({{ column }}, '$[*]'))
        when left({{ column }}, 1) = chr(123) then try(json_extract({{ column }}, '$.*'))
    end
    {%- endif -%}
    {%- endset -%}
    select
        {% for name in kept %}{{ name }}, {% endfor %}
        item_number,
        {{ duckdb__typed_fields(fields, shape) }}
    from (
        select
            {% for name in kept %}{{ name }}, {% endfor %}
            item_number,
            {{ '_item' if shape else duckdb__record('_item', fields, shape) }} as _record
        from (
            select
                {% for name in keep %}{{ name }}, {% endfor %}
                {% for name, spec in head.items() -%}
                {{ text_as(duckdb__texts(spec, '_whole', whole_shape) if shape else _texts(column, spec), 'text' if spec is string else spec[1]) }} as {{ name }},
                {% endfor -%}
                unnest(_items) as _item,
                generate_subscripts(_items, 1) as item_number
            from (
                select
                    *,
                    {{ list }} as _items
                from {% if shape -%}
                (select *, try(json_transform({{ column }}, '{{ duckdb__shape_text(whole_shape) }}')) as _whole from {{ relation }}) as parsed_once
                {%- else -%}
                {{ relation }}
                {%- endif %}
            ) as listed
        ) as exploded
    ) as parsed
{%- endmacro %}

{% macro clickhouse__json_fields(relation, fields, many=false) -%}
    {%- set kept = ['_source', '_key', '_modified_at', '_loaded_at', '_load_id', 'is_deleted'] -%}
    {%- set parsed -%}
        select
            {{ record_columns() }}
            {{ clickhouse__record('payload', fields) }} as _record
        from {{ relation }}
    {%- endset -%}
    {{ clickhouse__typed_record(parsed, kept, fields) }}
{%- endmacro %}

{% macro clickhouse__explode_json(relation, column, fields, keep, member='', head={}) -%}
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
            {% for name, spec in head.items() %}{{ text_as(_texts(column, spec), 'text' if spec is string else spec[1]) }} as {{ name }}, {% endfor %}
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
    {{ clickhouse__typed_record(parsed, keep + head.keys() | list + ['item_number'], fields) }}
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

{#- The first text of several paths, each looked up by itself. -#}
{% macro _texts(column, spec) -%}
    {%- set texts = [] -%}
    {%- for path in (spec if spec is string else spec[0]).split('|') -%}
        {%- do texts.append(_held(json_text(column, path), spec)) -%}
    {%- endfor -%}
    {{ texts[0] if texts | length == 1 else 'coalesce(' ~ texts | join(', ') ~ ')' }}
{%- endmacro %}

{#- One of several texts of a field: an empty reference gives way to the next, as an empty text does. -#}
{% macro _held(text, spec) -%}
    {{ text_as(text, 'ref') if spec is not string and spec[1] == 'ref' and '|' in spec[0] else text }}
{%- endmacro %}

{#- The steps of a path: 'a.b[0]' is a, b and 1 (indices start at 1 on both engines); a key with a dot is quoted; '$' has none. -#}
{% macro _path_steps(path) -%}
    {%- set steps = [] -%}
    {%- for quoted, key, index in modules.re.findall('"([^"]+)"|([^."\\[\\]]+)|\\[([0-9]+)\\]', path) if path != '$' -%}
        {%- do steps.append(index | int + 1 if index else quoted or key) -%}
    {%- endfor -%}
    {{ return(steps) }}
{%- endmacro %}

{#-
    The exact shape of what is read of a record, for json_transform: one parse gives a struct, at half to two thirds of what a list of texts by
    path costs. A tree of keys with none at its leaves, '[]' for the elements of an array. Empty where a struct cannot hold it: keys that
    differ in their case only («ID|id»), a value that is read both as a whole and inside, the element itself ('$').
-#}
{% macro duckdb__record_shape(fields) -%}
    {%- set tree = {} -%}
    {%- set fits = namespace(all=true) -%}
    {%- for spec in fields.values() -%}
        {%- for path in (spec if spec is string else spec[0]).split('|') -%}
            {%- set steps = _path_steps(path) -%}
            {%- set at = namespace(node=tree) -%}
            {%- if not steps -%}{%- set fits.all = false -%}{%- endif -%}
            {%- for step in steps if fits.all -%}
                {%- set key = '[]' if step is integer else step -%}
                {%- set others = at.node.keys() | reject('equalto', key) | list -%}
                {%- if (others and '[]' in others + [key]) or key | lower in others | map('lower') | list -%}
                    {%- set fits.all = false -%}
                {%- elif key in at.node and (at.node[key] is none) != loop.last -%}
                    {%- set fits.all = false -%}
                {%- elif loop.last -%}
                    {%- do at.node.update({key: none}) -%}
                {%- else -%}
                    {%- set at.node = at.node.setdefault(key, {}) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(tree if fits.all else {}) }}
{%- endmacro %}

{% macro duckdb__shape_text(tree) -%}
    {%- if tree is none -%} {{ return('"VARCHAR"') }}
    {%- elif '[]' in tree -%} {{ return('[' ~ duckdb__shape_text(tree['[]']) ~ ']') }}
    {%- endif -%}
    {%- set members = [] -%}
    {%- for key, inner in tree.items() -%}{%- do members.append('"' ~ key ~ '":' ~ duckdb__shape_text(inner)) -%}{%- endfor -%}
    {{ return('{' ~ members | join(',') ~ '}') }}
{%- endmacro %}

{% macro duckdb__record(column, fields, shape) -%}
    {%- if shape -%}
    json_transform({{ column }}, '{{ duckdb__shape_text(shape) }}')
    {%- else -%}
    {%- set paths = [] -%}
    {%- for spec in fields.values() -%}
        {%- for path in (spec if spec is string else spec[0]).split('|') -%}
            {%- do paths.append("'" ~ _path(path) ~ "'") -%}
        {%- endfor -%}
    {%- endfor -%}
    json_extract_string({{ column }}, [{{ paths | join(', ') }}])
    {%- endif -%}
{%- endmacro %}

{#- The first text of a field out of the record; `position` is that of its first path in the list of all, where the record is a list. -#}
{% macro duckdb__texts(spec, record, shape, position=1) -%}
    {%- set texts = [] -%}
    {%- for path in (spec if spec is string else spec[0]).split('|') -%}
        {%- set found = namespace(text=record ~ ('' if shape else '[' ~ (position + loop.index0) ~ ']')) -%}
        {%- for step in _path_steps(path) if shape -%}
            {%- set found.text = found.text ~ ('[' ~ step ~ ']' if step is integer else '."' ~ step ~ '"') -%}
        {%- endfor -%}
        {%- do texts.append(_held('nullif(' ~ found.text ~ ", '')", spec)) -%}
    {%- endfor -%}
    {{ return(texts[0] if texts | length == 1 else 'coalesce(' ~ texts | join(', ') ~ ')') }}
{%- endmacro %}

{#- The select list of both; _uncast_fields names what had text and gave no value. -#}
{% macro duckdb__typed_fields(fields, shape) -%}
    {%- set position = namespace(value=1) -%}
    {%- set marks = [] -%}
    {%- for name, spec in fields.items() -%}
        {%- set kind = 'text' if spec is string else spec[1] -%}
        {%- set text = duckdb__texts(spec, '_record', shape, position.value) -%}
        {%- set position.value = position.value + (spec if spec is string else spec[0]).split('|') | length -%}
        {%- set value = text_as(text, kind) %}
        {{ value }} as {{ name }},
        {%- if kind not in ('text', 'code', 'json', 'ref') -%}
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

{% macro clickhouse__path_arguments(path) -%}
    {%- for step in _path_steps(path) -%}
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
            {%- set steps = _path_steps(path) -%}
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
    {%- for step in _path_steps(path) -%}
        {%- set found.text = 'tupleElement(' ~ found.text ~ ", '" ~ step ~ "')" -%}
    {%- endfor -%}
    nullif({{ found.text }}, '')
    {%- endif -%}
{%- endmacro %}

{% macro clickhouse__typed_record(parsed, kept, fields) -%}
    {%- set plan = clickhouse__record_plan(fields) -%}
    {%- set marks = [] -%}
    {%- for name, spec in fields.items() if spec is not string and spec[1] not in ('text', 'code', 'json', 'ref') -%}
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
            {%- for name, spec in fields.items() if spec is not string and spec[1] not in ('text', 'code', 'json', 'ref') %},
            _text_{{ name }}
            {%- endfor %}
        from (
            select
                {{ kept | join(', ') }}
                {%- for name, spec in fields.items() %}
                {%- set texts = [] -%}
                {%- for path in (spec if spec is string else spec[0]).split('|') -%}
                    {%- do texts.append(_held(clickhouse__record_text(plan, path), spec)) -%}
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
