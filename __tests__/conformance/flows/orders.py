from prefect import Flow, task

from shop import prices
from shop.discounts import CURRENCY, discount


@task
def total():
    return discount(prices.with_tax(100)), CURRENCY


@task
def check(result):
    assert result == (107, "EUR"), result


with Flow("orders with helpers") as flow:
    check(total())
