"""A relative import of the folder above, which only a module path can load."""

from prefect import flow

from ..rates import RATE


@flow
def two_dots():
    return RATE
