"""Questions are written once, in the SQL that DuckDB reads; here they become what ClickHouse reads, under a scope.

Only what the questions use is turned round by hand: their subset is held small by tests/reports/test_questions.py, and every question is
proved to answer the same on both engines by tests/reports/test_clickhouse_questions.py.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

import sqlglot
from sqlglot import exp

from reports.access import Mask, Scope, allowed_managers, masked_columns, row_filter
from reports.errors import QuestionError

SCHEMA = "marts"


def translate(sql: str, tables: Mapping[str, Iterable[str]], scope: Scope, database: str, types: Mapping[str, str]) -> str:
    """A question in ClickHouse's words over one publication.

    Args:
        sql: one select over schema marts, with $parameters.
        tables: columns of the published tables.
        scope: whose rows.
        database: of the publication.
        types: ClickHouse's type of each parameter (`type_of`).

    Raises:
        QuestionError: it is no single select, or reads what is not published.
    """
    try:
        [tree] = sqlglot.parse(sql, read="duckdb")
    except (sqlglot.errors.SqlglotError, ValueError) as error:
        msg = f"This is not one readable statement: {error}"
        raise QuestionError(msg) from error
    if not isinstance(tree, exp.Query):
        msg = "Published marts are only read: begin with select or with."
        raise QuestionError(msg)
    tree = _turned(tree, types)
    for select in tree.find_all(exp.Select):
        _order_by_result(select)
        for column in select.expressions:
            if isinstance(column, exp.Column) and column.table and not column.is_star:  # of a join ClickHouse would call it a.key
                column.replace(exp.alias_(column.copy(), column.name))
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.db == SCHEMA or (not table.db and table.name in tables and table.name not in named):
            table.replace(_published(table, tables, scope, database))
        elif table.db:
            msg = f"{table.db}.{table.name} is not published; read tables of schema marts."
            raise QuestionError(msg)
    return tree.sql(dialect="clickhouse", comments=False)


def type_of(value: object) -> str:
    """ClickHouse's type of a parameter's value."""
    if isinstance(value, list | tuple):
        return f"Array({type_of(value[0]) if value else 'String'})"
    if value is None:
        return "Nullable(String)"
    # a bool is an int and a datetime a date, so these come first
    for kind, name in (
        (bool, "Bool"),
        (int, "Int64"),
        (float, "Float64"),
        (Decimal, "Decimal(38, 8)"),
        (datetime, "DateTime64(6, 'UTC')"),
        (date, "Date32"),
    ):
        if isinstance(value, kind):
            return name
    return "String"


def condition(table: str, columns: Iterable[str], scope: Scope, database: str) -> str:
    """The access layer's condition on a table's rows in ClickHouse's words, the scope's value as a literal."""
    statement, parameters = allowed_managers(scope, database) if scope.kind != "all" else ("select null as manager_key", {})
    found = row_filter(table, columns, scope, database, f"({statement}) as allowed")
    values = dict.fromkeys(parameters, "String")
    tree = _turned(sqlglot.parse_one(found, read="duckdb"), values)
    for placeholder in list(tree.find_all(exp.Placeholder)):
        placeholder.replace(exp.Literal.string(str(parameters[placeholder.name])))
    return tree.sql(dialect="clickhouse")


def _published(table: exp.Table, tables: Mapping[str, Iterable[str]], scope: Scope, database: str) -> exp.Expr:
    alias = table.alias or table.name
    if scope.kind == "all" and scope.contacts:
        return exp.alias_(exp.table_(table.name, db=database), alias, table=True)
    columns = tuple(tables.get(table.name, ()))
    shown = "*" if scope.contacts else masked_columns(table.name, columns, _MASKS)
    text = f"select {shown} from {database}.{table.name} where {condition(table.name, columns, scope, database)}"
    return exp.alias_(exp.Subquery(this=sqlglot.parse_one(text, read="clickhouse")), alias, table=True)


def _phone(column: str) -> str:
    return f"if(isNull({column}), null, concat('•••', rightUTF8({column}, 2)))"


def _email(column: str) -> str:
    return f"if(isNull({column}), null, concat(leftUTF8({column}, 1), '•••@', splitByChar('@', ifNull({column}, ''))[2]))"


def _text(column: str) -> str:
    without_numbers = rf"replaceRegexpAll({column}, '\\+?\\d(?:[ ()\\-]*\\d){{9,}}', '•••')"
    return rf"replaceRegexpAll({without_numbers}, '[^\\s@]+@[^\\s@]+', '•••@•••')"


def _name(column: str) -> str:
    like_a_contact = f"match(ifNull({column}, ''), '^[+(0-9]|@')"
    return f"if({like_a_contact}, {_text(column)}, {column})"


def _search(_column: str) -> str:
    return f"lowerUTF8(concat(ifNull({_name('customer_name')}, ''), if(isNull(tax_id), '', concat(' ', tax_id))))"


# the masks of reports.access in ClickHouse's words
_MASKS: dict[str, Mask] = {
    "phone": _phone, "email": _email, "customer_name": _name, "deal_name": _text, "details": _text, "search_text": _search,
}  # fmt: skip


def _turned(tree: exp.Expr, types: Mapping[str, str]) -> exp.Expr:
    """The whole tree, inner parts first, so that what is turned round holds what was turned before."""
    for node in reversed(list(tree.bfs())):
        turned = _in_its_words(node, types)
        if node is tree:
            tree = turned
        elif turned is not node:
            node.replace(turned)
    return tree


def _in_its_words(node: exp.Expr, types: Mapping[str, str]) -> exp.Expr:
    """What the two engines say differently, node by node."""
    if isinstance(node, exp.Placeholder) and node.name in types:
        return exp.Placeholder(this=node.name, kind=exp.DataType.build(types[node.name], dialect="clickhouse"))
    if isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any):
        return exp.func("has", node.expression.this.unnest(), node.this, dialect="clickhouse")
    if isinstance(node, exp.Div):
        # of two decimals ClickHouse keeps the scale of the first
        return exp.Div(this=_double(node.this), expression=exp.Nullif(this=_double(node.expression), expression=exp.Literal.number(0)))
    if isinstance(node, exp.WithinGroup) and isinstance(node.this, exp.PercentileCont):
        [ordered] = node.expression.expressions
        return exp.ParameterizedAgg(this="quantileExactInclusiveOrNull", expressions=[node.this.this], params=[_double(ordered.this)])
    if isinstance(node, exp.Contains):
        return exp.GT(this=exp.Anonymous(this="position", expressions=[node.this, node.expression]), expression=exp.Literal.number(0))
    if isinstance(node, exp.LogicalOr):
        return exp.Max(this=node.this)
    if isinstance(node, exp.AtTimeZone):
        return exp.Anonymous(this="toTimeZone", expressions=[node.this, node.args["zone"]])
    return node


def _order_by_result(select: exp.Select) -> None:
    """`order by debt` means the column of the result, as in standard SQL; ClickHouse would take the table's column of that name."""
    results = {expression.alias: expression.this for expression in select.expressions if isinstance(expression, exp.Alias)}
    order = select.args.get("order")
    for column in list(order.find_all(exp.Column)) if order is not None else []:
        if not column.table and column.name in results:
            column.replace(results[column.name].copy())


def _double(node: exp.Expr) -> exp.Expr:
    return exp.cast(node, "Nullable(Float64)", dialect="clickhouse")
