"""Generators, which a flow may be."""

from prefect import flow


@flow
def generator(count: int = 2):
    yield from range(count)


@flow
async def async_generator(count: int = 2):
    for number in range(count):
        yield number
