"""A report of a table of the other package."""

from pathlib import Path

from prefect import flow
from shop_orders.names import table

QUERY = Path(__file__).with_name("monthly.sql")


@flow
def monthly_report(name: str = "Order"):
    return QUERY.read_text().format(table=table(name))
