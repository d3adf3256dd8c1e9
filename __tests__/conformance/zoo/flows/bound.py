"""A bound method in a variable."""

from prefect import flow


class Loader:
    @flow(name="bound method")
    def load(self, table: str = "orders"):
        return table


bound = Loader().load
