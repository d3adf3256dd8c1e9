"""A flow of a package: it is loaded by its module path, since it imports from the package above."""

from datetime import date

from prefect import flow, task

from ..totals import total
from .prices import prices


@task(retries=2)
def ordered(day: date) -> list[str]:
    return ["tea", "cake"] if day.weekday() < 5 else ["coffee"]


@flow(name="Daily orders", log_prints=True)
def daily_orders(day: date = date(2026, 1, 5), minimum: float = 0.0) -> float:
    """Adds up the orders of a day."""
    amount = total([prices()[item] for item in ordered(day)], minimum)
    print(f"{day}: {amount:.2f}")
    return amount
