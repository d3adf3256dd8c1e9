"""A flow of the same name, which several teams write without knowing of each other."""

from prefect import flow


@flow
def ingest(folder: str = "in"):
    return folder
