"""One flow for many sources."""

from prefect import flow


@flow
def ingest(source: str, full: bool = False):
    return source, full
