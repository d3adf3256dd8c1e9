"""A flow name that Prefect refuses."""

from prefect import flow


@flow(name="a/b")
def refused():
    return 1
