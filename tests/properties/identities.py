"""What must hold of any company's marts, each as SQL whose rows are what does not; written from the contract, not from the models.

{as_of} is the day of the build as a DATE, {month} the first day of its month; {start_3}, {start_6} and {start_12} are the days so many
months before as_of, {window} is the first day of the twelve full months.
"""

_SALES = "marts.fct_sales where sale_date <= {as_of}"
_BUYERS = _SALES + " and customer_key is not null"
_IN_WINDOW = "sale_date >= {window} and sale_date < {month}"
_MONTH = "date_trunc('month', sale_date)::date"
_BY_MANAGER = "month || coalesce(manager_key, '')"
_ABC = ("abc_xyz_products", "abc_xyz_customers")


def _same(left: str, right: str) -> str:
    """Rows (cut, value) of the one that the other has not; a cut that sums to nothing may be missing."""
    ours, theirs = (f"select cut, value from ({side}) where value is distinct from 0" for side in (left, right))
    return f"(({ours}) except all ({theirs})) union all (({theirs}) except all ({ours}))"


def _sums(table: str, cut: str, value: str) -> str:
    """A column of a table (with its condition) by one cut."""
    return f"select {cut} as cut, coalesce(sum({value}), 0) as value from {table} group by 1"


def _revenue(mart: str, cut: str, fact_cut: str, facts: str = _SALES, column: str = "revenue") -> str:
    """A mart's revenue by one cut against that of the sales."""
    return _same(_sums(mart, cut, column), _sums(facts, fact_cut, "revenue_base"))


IDENTITIES: dict[str, str] = {
    # ---------- revenue by any cut is that of the sales
    "revenue_by_day": _revenue("marts.revenue_daily", "date", "sale_date"),
    "revenue_by_manager": _revenue("marts.revenue_daily", "manager_key", "manager_key"),
    "revenue_by_channel": _revenue("marts.revenue_daily", "channel", "channel"),
    "revenue_by_managers_month": _revenue("marts.manager_kpi", _BY_MANAGER, f"{_MONTH} || coalesce(manager_key, '')"),
    "revenue_by_planned_month": _revenue("marts.revenue_plan_months", _BY_MANAGER, f"{_MONTH} || coalesce(manager_key, '')"),
    "revenue_by_customers_month": _revenue(
        "marts.customer_turnover_months", "customer_key || month", f"customer_key || {_MONTH}", _BUYERS, "turnover"
    ),
    "revenue_by_customer": _revenue("marts.dim_customers", "customer_key", "customer_key", _BUYERS, "revenue_base"),
    "revenue_by_product": _revenue(
        "marts.abc_xyz_products where measure = 'revenue'", "product_key", "product_key",
        f"marts.fct_sales where product_key is not null and {_IN_WINDOW}", "value",
    ),
    "revenue_by_customer_of_the_window": _revenue(
        "marts.abc_xyz_customers where measure = 'revenue'", "customer_key", "customer_key",
        f"marts.fct_sales where customer_key is not null and {_IN_WINDOW}", "value",
    ),
    "revenue_by_product_and_its_stock": _revenue(
        "marts.stock_turnover", "product_key", "product_key",
        _SALES + " and product_key is not null and sale_date > {as_of} - 90", "sold_revenue",
    ),
    "revenue_of_new_and_other_customers": _revenue(
        "marts.customer_base_months", "month", _MONTH,
        f"marts.fct_sales where sale_date <= {{as_of}} and customer_key is not null and {_MONTH} >="
        " (select min(month) from marts.customer_base_months)", "revenue_new + revenue_returning",
    ),
    "revenue_by_organisation": _same(
        _sums(_SALES, "organisation_key", "revenue_base"),
        "select o.organisation_key as cut, sum(s.revenue_base) as value from intermediate.int_sales as s"
        " left join marts.dim_organisations as o on s.organisation_key = o.organisation_key where s.sale_date <= {as_of} group by 1",
    ),
    "profit_of_sales": "select * from marts.fct_sales where gross_profit_base is distinct from revenue_base - vat_base - cost_base",
    "returns_are_negative": "select * from marts.fct_sales where is_return and (is_sale or revenue_base > 0 and quantity > 0)",
    # ---------- turnover windows, by days that Python has reckoned
    "turnover_windows": """
        select t.customer_key from marts.customer_turnover as t join (
            select customer_key,
                sum(case when sale_date > {start_3} then coalesce(revenue_base, 0) else 0 end) as last_3,
                sum(case when sale_date > {start_6} and sale_date <= {start_3} then coalesce(revenue_base, 0) else 0 end) as before_3,
                sum(case when sale_date > {start_12} then coalesce(revenue_base, 0) else 0 end) as last_12
            from """ + _BUYERS + """ group by 1
        ) as s on t.customer_key = s.customer_key
        where (t.turnover_3m, t.turnover_previous_3m, t.turnover_12m) is distinct from (s.last_3, s.before_3, s.last_12)
            or t.leaving_next_month is null or t.as_of_date <> {as_of}""",
    "every_buyer_has_a_turnover": f"""
        (select customer_key from {_BUYERS} except select customer_key from marts.customer_turnover)
        union all (select customer_key from marts.customer_turnover except select customer_key from {_BUYERS})""",
    "tiers_follow_from_the_turnover": """
        select t.customer_key from marts.customer_turnover as t
        left join intermediate.int_discount_tiers as tier on t.tier_name = tier.tier_name
        left join intermediate.int_discount_tiers as above on t.next_tier_name = above.tier_name
        where t.turnover_3m < tier.min_turnover or t.turnover_3m >= above.min_turnover
            or t.to_next_tier is distinct from above.min_turnover - t.turnover_3m""",
    # ---------- classes
    **{
        f"shares_of_{mart}": f"""
            select measure, sum(value_share), max(cumulative_share) from marts.{mart} group by 1
            having max(value) > 0 and (abs(sum(value_share) - 1) > 1e-9 or abs(max(cumulative_share) - 1) > 1e-9)"""
        for mart in _ABC
    },
    **{
        f"classes_of_{mart}_nest": f"""
            select one.measure from marts.{mart} as one join marts.{mart} as other on one.measure = other.measure
            where one.abc_class < other.abc_class and one.value <= other.value
                or one.value = other.value and (one.abc_class <> other.abc_class or one.value_rank <> other.value_rank)
                or one.value > other.value and one.value_rank >= other.value_rank"""
        for mart in _ABC
    },
    **{
        f"best_of_{mart}_is_a": f"""
            select measure from marts.{mart} group by 1 having max(value) > 0 and not bool_or(abc_class = 'A' and value_rank = 1)
            union all select measure from marts.{mart} where value <= 0 and (abc_class <> 'C' or value_share <> 0)"""
        for mart in _ABC
    },
    "variation_needs_months": """
        select measure from marts.abc_xyz_products
        where (xyz_class = 'N') <> (months_observed < 3 or variation is null) or segment <> abc_class || xyz_class
            or months_observed not between 0 and 12 or variation < 0""",
    "rfm_scores": """
        select customer_key from marts.rfm_customers
        where least(r_score, f_score, m_score) < 1 or greatest(r_score, f_score, m_score) > 5 or rfm_segment is null or monetary <= 0
            or recency_days < 0 or frequency < 1""",
    "better_values_score_no_lower": """
        select one.customer_key from marts.rfm_customers as one join marts.rfm_customers as other
            on one.monetary > other.monetary and one.m_score < other.m_score
            or one.frequency > other.frequency and one.f_score < other.f_score
            or one.recency_days < other.recency_days and one.r_score < other.r_score""",
    # ---------- the funnel
    "funnel_never_rises": """
        select f.cohort_month from (
            select cohort_month, source, pipeline_name, stage_key, coalesce(manager_key, '') as manager, coalesce(channel, '') as channel,
                deals_reached, stage_position
            from marts.sales_funnel where stage_kind <> 'lost' and stage_position is not null
        ) as f join (
            select cohort_month, source, pipeline_name, coalesce(manager_key, '') as manager, coalesce(channel, '') as channel, stage_key,
                deals_reached, stage_position
            from marts.sales_funnel where stage_kind <> 'lost' and stage_position is not null
        ) as earlier using (cohort_month, source, manager, channel)
        where split_part(f.stage_key, ':', 2) = split_part(earlier.stage_key, ':', 2)
            and earlier.stage_position < f.stage_position and earlier.deals_reached < f.deals_reached""",
    "open_deals_stand_once": """
        select source from marts.sales_funnel group by 1
        having sum(deals_now) > (select count(*) from intermediate.int_deal_states_as_of as s
            where s.source = sales_funnel.source and s.deal_status = 'open')""",
    "passages_leave_only_what_was_entered": """
        select stage_key from marts.funnel_passages group by 1 having sum(exits_forward) + sum(exits_lost) > sum(entries)""",
    "losses_agree": _same(
        "select month as cut, sum(deals) as value from marts.loss_reasons group by 1",
        "select month as cut, sum(deals_lost) as value from marts.manager_kpi group by 1",
    ),
    "wins_agree": _same(
        "select month as cut, sum(deals_won) as value from marts.deal_velocity group by 1",
        "select month as cut, sum(deals_won) as value from marts.manager_kpi group by 1",
    ),
    # ---------- marketing
    **{
        f"{figure}_of_every_model": f"""
            select attribution_model, sum({figure}) from marts.marketing_roi group by 1
            having sum({figure}) <> (select coalesce(sum({fact}), 0) from {facts})"""
        for figure, fact, facts in (
            ("cost", "cost_base", "marts.fct_campaign_costs where cost_date <= {as_of}"),
            ("clicks", "clicks", "marts.fct_campaign_costs where cost_date <= {as_of}"),
            ("revenue", "revenue", "intermediate.int_attributed_deals"),
            ("gross_profit", "gross_profit", "intermediate.int_attributed_deals"),
        )
    },
    "won_deals_of_every_model": """
        select attribution_model, sum(deals_won) from marts.marketing_roi group by 1
        having abs(sum(deals_won) - (select coalesce(sum(deals_won), 0) from marts.manager_kpi)) > 1e-6""",
    "touches_of_every_deal": """
        select deal_key from marts.fct_deals where deal_key not in (select deal_key from marts.fct_touchpoints)
        union all select deal_key from marts.fct_touchpoints group by 1 having count(*) <> max(touch_number) or min(touch_number) <> 1""",
    "cohorts_hold_every_customer_once": """
        select sum(customers) from marts.cohort_roi where months_since = 0
        having coalesce(sum(customers), 0) <> (select count(*) from marts.dim_customers where first_deal_at is not null)""",
    "cohorts_bear_all_costs": """
        select sum(cost) from marts.cohort_roi where months_since = 0
        having coalesce(sum(cost), 0) <> (select coalesce(sum(cost_base), 0) from marts.fct_campaign_costs
            where cost_date <= {as_of})""",
    "cohorts_keep_their_size": """
        select cohort_month, channel from marts.cohort_roi group by 1, 2
        having min(customers) <> max(customers) or min(cost) <> max(cost) or count(*) <> max(months_since) + 1""",
    # ---------- money
    "debts_less_advances_are_balances": """
        with foreign_money as (
            select customer_key from marts.fct_orders where currency_code is distinct from 'RUB'
            union select customer_key from marts.fct_payments where currency_code is distinct from 'RUB'
        ), balances as (
            select customer_key, sum(value) as balance from (
                -- (what was shipped by as_of, also of an order that says a later day)
                select customer_key, shipped_base as value from marts.fct_orders
                -- money that names somebody else's order pays that order
                union all select coalesce(o.customer_key, p.customer_key), -p.amount_base
                from marts.fct_payments as p left join marts.fct_orders as o using (order_key) where p.payment_date <= {as_of}
            ) where customer_key is not null and customer_key not in (select customer_key from foreign_money where customer_key is not null)
            group by 1
        ), owed as (
            select customer_key, sum(value) as owed from (
                select customer_key, debt as value from marts.receivables
                union all select customer_key, -advance from marts.customer_advances
            ) group by 1
        )
        select b.customer_key, b.balance, o.owed from balances as b left join owed as o using (customer_key)
        where coalesce(b.balance, 0) <> coalesce(o.owed, 0)""",
    "buckets_follow_from_the_days": """
        select order_key from marts.receivables where debt <= 0 or overdue_days <> greatest(coalesce({as_of} - due_date, 0), 0)
            or bucket <> case when overdue_days = 0 then 'not_due' when overdue_days <= 30 then '1-30' when overdue_days <= 60 then '31-60'
                when overdue_days <= 90 then '61-90' else '90+' end""",
    "overdue_debts_of_managers": _same(
        _sums("marts.receivables where overdue_days > 0", "manager_key", "debt"),
        _sums("marts.manager_kpi where month = {month}", "manager_key", "overdue_debt"),
    ),
    "stages_are_paid_in_order": """
        select earlier.order_key from marts.order_payment_stages as earlier join marts.order_payment_stages as later
            on earlier.order_key = later.order_key and earlier.stage_number < later.stage_number
        where later.paid_base > 0 and earlier.paid_base < earlier.planned_base
        union all
        select order_key from marts.order_payment_stages
        where paid_base < 0 or paid_base > greatest(planned_base, 0) or closed_date > {as_of}""",
    "stages_hold_no_more_than_was_paid": """
        select s.order_key from marts.order_payment_stages as s join marts.fct_orders as o using (order_key) group by 1
        having sum(s.paid_base) > greatest(max(o.paid_base), 0) + 0.01 * count(*)""",
    "cash_of_months": _same(
        _sums("marts.fct_payments where payment_date <= {as_of}", "date_trunc('month', payment_date)::date", "amount_base"),
        _sums("marts.manager_kpi", "month", "cash_received"),
    ),
    # ---------- customers
    "active_follows_from_the_month_before": """
        select month from (
            select *, lag(customers_active, 1, 0) over (order by month) as before,
                row_number() over (order by month) - 1 as number, min(month) over () as first_month
            from marts.customer_base_months
        )
        where customers_active <> customers_new + customers_returning + customers_reactivated
            or customers_active <> before + customers_new + customers_reactivated - customers_lost
            or month <> first_month + to_months(number::integer)
            or (customers_lost is null) <> (month = {month})""",
    "new_customers_are_new_once": """
        select sum(customers_new) from marts.customer_base_months
        having coalesce(sum(customers_new), 0) <> (select count(*) from marts.dim_customers where first_sale_date is not null)
            or coalesce(sum(customers_new), 0) <> (select sum(new_customers) from marts.manager_kpi)""",
    "lifecycle_follows_from_sales": """
        select customer_key from marts.dim_customers
        where (lifecycle = 'lead') <> (last_sale_date is null) or last_sale_date > {as_of} or first_sale_date > last_sale_date
            or (lifecycle = 'lost') <> coalesce({as_of} - last_sale_date > 180, false)
            or (lifecycle = 'sleeping') <> coalesce({as_of} - last_sale_date between 91 and 180, false)""",
    "gaps_are_gaps": """
        select customer_key from marts.customer_basket_gaps
        where purchases < 3 or last_sale_date > {as_of} or days_overdue <> {as_of} - expected_date
            or not ({as_of} - last_sale_date > 1.5 * usual_interval_days or (has_open_order and not in_open_order))""",
    # ---------- plans, stock, pairs, forecast
    "plans_meet_the_sales": """
        select p.month, p.fact from marts.plan_fact as p
        where p.metric = 'revenue' and p.scope_kind in ('company', 'manager', 'customer') and p.fact <> (
            select coalesce(sum(s.revenue_base), 0) from marts.fct_sales as s
            where s.sale_date <= {as_of} and date_trunc('month', s.sale_date) = p.month
                and (p.scope_kind = 'company' or p.scope_kind = 'manager' and s.manager_key = p.scope_key
                    or p.scope_kind = 'customer' and s.customer_key = p.scope_key))""",
    "pairs_are_symmetric": """
        select one.product_key from marts.product_affinity as one join marts.product_affinity as other
            on one.product_key = other.other_product_key and one.other_product_key = other.product_key
        where abs(one.lift - other.lift) > 1e-9 or one.documents_together <> other.documents_together
        union all
        select product_key from marts.product_affinity
        where confidence > 1 or support > 1 or documents_together > least(documents, other_documents) or pair_rank > 20""",
    "no_forecast_without_its_error": """
        select month from marts.forecast_revenue
        where past_error is null or errors_observed < 6 or not (forecast_low <= forecast_revenue and forecast_revenue <= forecast_high)
            or month <= {month} or month > ({month} + to_months(3))""",
    "discounts_of_order_lines": _same(
        _sums("marts.discounts", "product_key", "amount"),
        """select l.product_key as cut, sum(l.amount_base) as value
        from marts.fct_order_lines as l join marts.fct_orders as o using (order_key)
        where o.is_order and not o.is_cancelled and o.order_date <= {as_of} and l.discount_base is not null group by 1""",
    ),
    "claims_of_months": _same(
        _sums("marts.claims_months", "month", "claims"),
        "select date_trunc('month', registered_date)::date as cut, count(*) as value from marts.fct_claims"
        " where registered_date <= {as_of} group by 1",
    ),
    "workload_of_92_days": """
        select date from marts.manager_workload
        where date > {as_of} or date <= {as_of} - 92 or deals_without_task > open_deals or talk_minutes < 0""",
    "nothing_is_restated_without_a_previous_publication": "select metric from marts.restatements",
    # ---------- nothing that does not count
    "deleted_and_unposted_orders": """
        select o.order_key from marts.fct_orders as o join staging.stg_onec__orders as d on o.order_key = d._source || ':' || d._key
        where d.is_deleted or not coalesce(d.is_posted, false) or coalesce(d.is_marked, false)""",
    **{
        f"deleted_and_unposted_{stream}": f"""
            select f.document_key from marts.fct_sales as f
            join staging.stg_onec__{stream} as d on f.document_key = d._source || ':' || d._key
            where d.is_deleted or not coalesce(d.is_posted, false) or coalesce(d.is_marked, false)"""
        for stream in ("shipments", "returns", "retail_receipts", "retail_returns", "retail_reports")
    },
    **{
        f"deleted_and_unposted_{stream}": f"""
            select f.document_key from marts.fct_payments as f
            join staging.stg_onec__{stream} as d on f.document_key = d._source || ':' || d._key
            where d.is_deleted or not coalesce(d.is_posted, false) or coalesce(d.is_marked, false) or not coalesce(d.is_conducted, true)"""
        for stream in ("bank_receipts", "bank_payments", "cash_receipts", "cash_payments", "card_operations")
    },
    "deleted_deals": """
        select d.deal_key from marts.fct_deals as d
        where d.deal_key in (select _source || ':' || _key from staging.stg_amocrm__leads where is_deleted)
            or d.deal_key in (select _source || ':' || _key from staging.stg_bitrix24__deals where is_deleted)""",
    # ---------- nothing after as_of
    **{
        f"later_months_of_{mart}": f"select month from marts.{mart} where month > {{month}}"
        for mart in ("manager_kpi", "loss_reasons", "deal_velocity", "marketing_roi", "claims_months", "customer_turnover_months",
                     "customer_base_months", "discounts", "order_lead_times")
    },
    **{
        f"later_days_of_{mart}": f"select {day} from marts.{mart} where {day} > {{as_of}}"
        for mart, day in (("revenue_daily", "date"), ("cash_flow_daily", "date"), ("reconciliation", "occurred_date"),
                          ("sales_funnel", "cohort_month"), ("funnel_passages", "passed_month"), ("cohort_roi", "cohort_month"))
    },
    "issues_are_named": """
        select issue_key from marts.reconciliation where issue_key is null or details is null or severity not in ('high', 'medium', 'low')
        union all select issue_key from marts.reconciliation group by 1 having count(*) > 1""",
}  # fmt: skip
