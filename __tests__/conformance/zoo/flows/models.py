"""A model as a default, whose schema older releases can't write."""

from prefect import flow
from pydantic import BaseModel


class Order(BaseModel):
    number: int
    note: str = ""


@flow
def with_a_model(order: Order = Order(number=1)):
    return order.number
