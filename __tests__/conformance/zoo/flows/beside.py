"""Imports what lies beside the file, and reads data beside it and in the working directory."""

import os

from prefect import flow

from .helpers import GREETING

HERE = os.path.dirname(os.path.abspath(__file__))


@flow
def imports_beside():
    return GREETING


@flow
def reads_beside():
    with open(os.path.join(HERE, "table.csv"), encoding="utf-8") as stream:
        return stream.read()


@flow
def reads_from_the_project():
    with open("data/query.sql", encoding="utf-8") as stream:
        return stream.read()
