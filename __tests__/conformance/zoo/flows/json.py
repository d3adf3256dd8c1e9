"""A module with the name of one of the standard library."""

import json

from prefect import flow


@flow
def named_as_a_library():
    return json.__name__
