"""Loads a table."""

from prefect import flow

from .names import table


@flow
def load_orders(name: str = "Order"):
    return table(name)
