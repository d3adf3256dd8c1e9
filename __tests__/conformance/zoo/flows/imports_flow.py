"""Imports a flow of another module, which stays the other's."""

from flows.functions import plain

from prefect import flow


@flow
def calls_plain():
    return plain()
