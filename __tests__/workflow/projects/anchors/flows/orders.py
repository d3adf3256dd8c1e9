"""Two flows whose deployments share their settings."""

from prefect import flow


@flow
def orders(region: str):
    return region


@flow
async def returns(region: str, days: int = 30):
    return region, days
