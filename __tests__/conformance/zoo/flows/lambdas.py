"""A flow of a lambda."""

from prefect import flow

double = flow(lambda n=1: n * 2)
named = flow(lambda n=1: n * 3, name="named lambda")
