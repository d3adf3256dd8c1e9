"""Plain functions, with every kind of parameter that a schema can describe."""

import datetime
import enum
from typing import Dict, List, Optional

from prefect import flow, task
from pydantic import BaseModel


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Order(BaseModel):
    number: int
    note: str = ""


@task
def add(a, b):
    return a + b


@flow
def plain():
    return add(1, 2)


@flow(name="Nightly orders", description="Loads the orders of a day.", retries=2, retry_delay_seconds=5)
def by_another_name(day: datetime.date, limit: int = 10):
    """The docstring, which the description replaces."""
    return str(day), limit


@flow(timeout_seconds=300, log_prints=True)
def described(
    text: str = "a",
    number: float = 1.5,
    size: Size = Size.SMALL,
    order: Optional[Order] = None,
    tags: Optional[List[str]] = None,
    counts: Dict[str, int] = {},
    untyped=None,
):
    """Says what it does.

    Args:
        text: what is printed
        number: how often
    """
    print(text)
    return number


@flow(version="7")
def with_version():
    return 7


def a_function_that_is_no_flow():
    return 0
