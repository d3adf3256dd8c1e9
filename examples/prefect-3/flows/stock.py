"""Two flows: one for each hour, and one that waits for several shops at once."""

import asyncio

from prefect import flow, task

from flows.shop.prices import prices


@task
async def count(shop: str) -> int:
    await asyncio.sleep(0)
    return len(shop) + len(prices())


@flow(log_prints=True)
async def stock(shops: list[str] = ["north", "south"]) -> int:
    """Counts the stock of all shops."""
    counts = await asyncio.gather(*(count(shop) for shop in shops))
    print(f"stock: {sum(counts)}")
    return sum(counts)


@flow(log_prints=True)
def low_stock(limit: int = 3) -> list[str]:
    """Names the goods that cost more than the limit."""
    low = [item for item, price in prices().items() if price > limit]
    print(f"low: {', '.join(low)}")
    return low
