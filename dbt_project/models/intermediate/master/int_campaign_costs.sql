{#-
    Costs in the company currency and on the VAT basis of var marketing_includes_vat. What a spreadsheet repeats of a day
    that the advertising system itself reports is left out.
-#}
{%- set cost_currency -%}
coalesce(
                {{ upper_case('told.currency_code') }},
                {{ upper_case(source_option('currency', 'told.source')) }},
                '{{ var("base_currency") }}'
            )
{%- endset -%}
{%- set columns = ['cost_date', 'campaign_key', 'source', 'impressions', 'clicks', 'cost', 'currency_code', 'include_vat'] -%}
with

costs as (

    select
        cost_date,
        campaign_key,
        source,
        1 as priority,
        impressions,
        clicks,
        cost,
        currency_code,
        include_vat
    from (
        {{ union_of('int_campaign_cost_records', columns) }}
    ) as reported

    union all

    select
        cost_date,
        campaign_key,
        source,
        2 as priority,
        impressions,
        clicks,
        cost,
        currency_code,
        coalesce(include_vat, {{ var('spreadsheet_cost_includes_vat') }}) as include_vat
    from {{ ref('int_spreadsheet_campaigns') }}

),

first_told as (

    select
        *,
        min(priority) over (partition by cost_date, campaign_key) as best_priority
    from costs

),

vat_rates as (

    select
        valid_from,
        coalesce(lead({{ cast_as('valid_from', 'date') }}) over (order by valid_from), {{ far_date() }}) as valid_to,
        vat_rate
    from {{ ref('vat_rates') }}
    where country = '{{ var("company_country") }}'

),

converted as (

    select
        told.cost_date,
        told.campaign_key,
        told.impressions,
        told.clicks,
        case when told.cost <> 0 and rates.rate_to_base is null then told.cost end as cost_without_rate,
        case when told.cost <> 0 and rates.rate_to_base is null then {{ cost_currency }} end as currency_without_rate,
        case
            when told.include_vat = {{ var('marketing_includes_vat') }} then told.cost * rates.rate_to_base
            when told.include_vat then {{ quotient('told.cost * rates.rate_to_base', '(1 + coalesce(vat_rates.vat_rate, 0))') }}
            else told.cost * rates.rate_to_base * (1 + coalesce(vat_rates.vat_rate, 0))
        end as cost_base
    from first_told as told
    left join {{ ref('int_exchange_rate_ranges') }} as rates
        on
            rates.currency_code = {{ cost_currency }}
            and told.cost_date >= rates.valid_from
            and told.cost_date < rates.valid_to
    left join vat_rates on told.cost_date >= vat_rates.valid_from and told.cost_date < vat_rates.valid_to
    where told.priority = told.best_priority

)

select
    cost_date,
    campaign_key,
    cast(coalesce(sum(impressions), 0) as bigint) as impressions,
    cast(coalesce(sum(clicks), 0) as bigint) as clicks,
    {{ cast_as('sum(' ~ round_money('cost_base') ~ ')', 'decimal(18,2)') }} as cost_base,
    {{ cast_as('sum(cost_without_rate)', 'decimal(18,2)') }} as cost_without_rate,
    min(currency_without_rate) as currency_without_rate
from converted
group by cost_date, campaign_key
