{{ config(materialized=read_through()) }}

-- What stands in a recorder is read once, with its rows; here is which reading of it is the last one.
select
    {{ record_columns().rstrip().rstrip(',') }}
from {{ source('onec', 'sales_register') }}
