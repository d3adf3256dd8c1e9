"""Imports what Prefect imports when it makes its first flow, half of the time of a small load."""

from .calls import has_registry
from .details import details_of
from .loading import loads_classes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def example(number: int = 1) -> None:
    """An example.

    Args:
        number: Prefect reads this with a library of its own.
    """


def warm_up() -> None:
    # Prefect 3 imports what these names need when they are used.
    from prefect import flow, task

    decorators: Any = (flow, task)
    made, _ = (decorate(example) for decorate in decorators)
    details_of(made)
    loads_classes()
    has_registry()
