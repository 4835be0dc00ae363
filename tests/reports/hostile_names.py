"""A publication whose names, given by somebody hostile in a CRM or a file, are markup, links and formulas."""

from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import duckdb

NAMED = (
    ("dim_customers", "customer_name"), ("dim_managers", "manager_name"), ("dim_products", "product_name"),
    ("dim_stages", "stage_name"), ("sales_funnel", "stage_name"), ("payables", "supplier_name"), ("cash_balances", "account_name"),
    ("cash_flow_daily", "article"), ("loss_reasons", "loss_reason"), ("dim_campaigns", "campaign_name"),
    ("fct_deals", "deal_name"), ("reconciliation", "details"), ("data_freshness", "source"),
)  # fmt: skip


def give_names(path: Path, names: Sequence[str], company: str) -> None:
    """Write the names over those of the publication, in turn."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        values = {"names": list(names), "count": len(names)}
        for table, column in NAMED:
            connection.execute(f"update marts.{table} set {column} = list_extract($names, 1 + (rowid % $count))", values)
        connection.execute("update marts.publication set company_name = ?", [company])


def names_that_fetch(url: str) -> tuple[str, ...]:
    """Names that ask for something at the address, if anything takes them for markup."""
    return (
        f"<img src={url}/img.png>",
        f'"><img src="{url}/quoted.png">',
        f"![picture]({url}/markdown.png)",
        f'<span style="background:url({url}/style.png)">x</span>',
        f"<link rel=stylesheet href={url}/sheet.css><iframe src={url}/frame></iframe>",
        f"<svg><image href={url}/svg.png /></svg>",
        f"{url}/plain.png",
    )


def fetched_by(html: str) -> list[str]:
    """The addresses that a program fetches by itself to show a page."""
    return _Addresses(html).fetched


class _Addresses(HTMLParser):
    """What a reader's program would fetch by itself to show a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"src", "srcset", "background", "poster", "data"} or (name == "href" and tag in {"link", "image", "use"}):
                self.fetched.append(value or "")
            if name == "style" and "url(" in (value or ""):
                self.fetched.append(value or "")
