"""The same in Prefect 3."""

from prefect import flow, task


@task
def double(n):
    return n * 2


@flow(name="new orders")
def orders(n: int = 1):
    return double(n)
