"""Imports a package that is not installed."""

import a_package_that_nobody_has
from prefect import flow


@flow
def never_loaded():
    return a_package_that_nobody_has
