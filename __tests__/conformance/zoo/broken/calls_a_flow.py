"""Calls a flow when it is imported."""

from prefect import flow


@flow
def runs_at_import():
    return 1


runs_at_import()
