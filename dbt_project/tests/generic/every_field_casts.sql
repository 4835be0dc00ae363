{#- Counts, per field, the texts of a staging model that gave no value of their type (json_fields notes them in _uncast_fields). -#}
{% test every_field_casts(model) %}
{{ config(severity='warn') }}

select
    _uncast_fields as fields,
    count(*) as records,
    min(_source || ':' || _key) as example
from {{ model }}
where _uncast_fields is not null
group by _uncast_fields
{% endtest %}
